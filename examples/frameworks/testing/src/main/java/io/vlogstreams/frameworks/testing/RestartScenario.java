/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Properties;

/**
 * The test that the program of each framework has to pass. The program assembles books from the topic {@code chapters},
 * keeps them in a VLog store, and sends each to the topic {@code books}:
 *
 * <ul>
 *   <li>it starts and processes;
 *   <li>closed and started again on the same folder, it restores nothing and continues where it was;
 *   <li>started on an empty folder, it restores. So the zero before was a real one.
 * </ul>
 */
public final class RestartScenario {

    private static final String CHAPTERS = "chapters";
    private static final String BOOKS = "books";
    private static final String TITLE = "Moby-Dick";

    private final TestBroker broker;
    private final Path state;
    private String book = "";

    /** A running program. */
    public interface Running extends AutoCloseable {

        /** Returns the number of records that it has restored. Called after it has processed some records. */
        long restored() throws Exception;

        @Override
        void close();
    }

    /** Starts the program. */
    public interface Program {
        Running start(String bootstrapServers, Path state) throws Exception;
    }

    private RestartScenario(TestBroker broker, Path state) {
        this.broker = broker;
        this.state = state;
    }

    /**
     * Runs the test with a program.
     *
     * @throws AssertionError if the program does not pass
     */
    public static void pass(Program program) throws Exception {
        checkVersion();
        Path folder = Files.createTempDirectory("vlog-frameworks-").toRealPath();
        try (TestBroker broker = TestBroker.start(folder.resolve("kafka"), CHAPTERS, BOOKS)) {
            new RestartScenario(broker, Files.createDirectory(folder.resolve("state"))).run(program);
        } finally {
            TestBroker.delete(folder);
        }
    }

    private void run(Program program) throws Exception {
        check(restoredWhile(program, 8) == 0, "a new program restores records");
        check(hasVLogFiles(), "there is no VLog file in " + state + ": another kind of store is in use");
        check(restoredWhile(program, 2) == 0, "records are restored though the folder is still there");
        TestBroker.delete(state);
        check(restoredWhile(program, 1) > 0, "nothing is restored though the folder is gone");
    }

    /** Starts the program, lets it process some chapters, and closes it. */
    private long restoredWhile(Program program, int chapters) throws Exception {
        try (Running running = program.start(broker.bootstrapServers(), state)) {
            for (int i = 0; i < chapters; i++) {
                String chapter = ("Chapter " + book.length() + ". ").repeat(1000);
                book += chapter;
                broker.send(CHAPTERS, TITLE, chapter);
            }
            broker.awaitLast(BOOKS, TITLE, book);
            return running.restored();
        }
    }

    private boolean hasVLogFiles() throws IOException {
        try (var paths = Files.walk(state)) {
            return paths.anyMatch(path -> path.toString().endsWith(".vlog"));
        }
    }

    /** Checks that the program has the version of Kafka that its framework manages. */
    private static void checkVersion() throws IOException {
        String expected = System.getProperty("kafka.expected", "");
        Properties found = new Properties();
        try (InputStream file = RestartScenario.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            found.load(Objects.requireNonNull(file));
        }
        check(
                expected.isEmpty() || expected.equals(found.getProperty("version")),
                "Kafka " + expected + " is expected here, but there is " + found);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
