/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** A running {@link KillChild}, seen from its parent. */
final class ChildJvm implements AutoCloseable {

    private static final int MAX_QUOTED_LINES = 200;

    private final Process process;
    private final Path log;
    private final Thread reader;
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    private ChildJvm(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.reader = new Thread(this::readLines, "child-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a child.
     *
     * @param kafka the libraries of the child
     * @param folder the working folder, for its properties and logs
     */
    static ChildJvm start(
            KillChild.Kind kind, Properties properties, KafkaLibraries kafka, Path folder, String... jvmOptions) {
        try {
            Files.createDirectories(folder);
            Path file = folder.resolve("streams.properties");
            try (var writer = Files.newBufferedWriter(file, UTF_8)) {
                properties.store(writer, null);
            }
            Path log = folder.resolve("child.log");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            // Then the error report of a crashed JVM is in the log, which a failure quotes, and not in a file that is
            // deleted.
            command.add("-XX:+ErrorFileToStderr");
            command.addAll(List.of(jvmOptions));
            command.addAll(List.of(KillChild.class.getName(), kind.name(), file.toString()));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().put("CLASSPATH", kafka.classPath());
            return new ChildJvm(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readLines() {
        try (BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
            }
        } catch (IOException killed) {
            // Counts as the end of its output.
        }
        synchronized (lines) {
            ended = true;
            lines.notifyAll();
        }
    }

    /** Waits for the first line with that start; fails if the child ends or fails before. */
    String await(String start, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (lines) {
            while (true) {
                String found = first(start);
                if (found != null) {
                    return found;
                }
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (ended || first("failed") != null || leftMillis <= 0) {
                    throw new AssertionError(
                            "no line '" + start + "' from the child, but " + lines + "; " + lastWords());
                }
                lines.wait(leftMillis);
            }
        }
    }

    /** Waits for the line, or until the time is over. */
    void awaitOr(String start, Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        synchronized (lines) {
            for (long left = time.toMillis(); left > 0 && !ended && first(start) == null; ) {
                lines.wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            }
        }
    }

    private String first(String start) {
        return lines.stream().filter(line -> line.startsWith(start)).findFirst().orElse(null);
    }

    /** Waits until the child is running; returns the measurements of its start. */
    ChildStart awaitRunning(Duration patience) throws InterruptedException {
        return ChildStart.parse(await("running", patience));
    }

    /** Returns the current content of the stores of its active tasks, by IQv1. */
    StoreContents dump(Path file, Duration patience) throws InterruptedException, IOException {
        return ask("dump", file, patience);
    }

    /** Returns the current content of the stores of its active and standby tasks, by IQv1. */
    StoreContents dumpWithStandbys(Path file, Duration patience) throws InterruptedException, IOException {
        return ask("dump-all", file, patience);
    }

    /** Returns the current content of the stores of its active tasks, by IQv2. */
    StoreContents query(Path file, Duration patience) throws InterruptedException, IOException {
        return ask("query", file, patience);
    }

    private StoreContents ask(String what, Path file, Duration patience) throws InterruptedException, IOException {
        forget("dumped");
        tell(what + " " + file);
        await("dumped", patience);
        return StoreContents.readFrom(file);
    }

    /** Lets the child close cleanly and leave its group, and waits for its end. */
    void closeCleanly(Duration patience) throws InterruptedException, IOException {
        close("close", patience);
    }

    /** The same, but uncommitted writes are not committed any more. Needs {@link KillChild#FAILING_COMMITS}. */
    void closeWithoutCommit(Duration patience) throws InterruptedException, IOException {
        close("close-without-commit", patience);
    }

    private void close(String how, Duration patience) throws InterruptedException, IOException {
        tell(how);
        await("closed", patience);
        awaitEnd(patience);
    }

    private void tell(String command) throws IOException {
        BufferedWriter commands = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), UTF_8));
        commands.write(command + "\n");
        commands.flush();
    }

    private void forget(String start) {
        synchronized (lines) {
            lines.removeIf(line -> line.startsWith(start));
        }
    }

    /** Returns the last state that the child reported, or its first line. */
    String lastState() {
        synchronized (lines) {
            return lines.stream()
                    .filter(line -> line.startsWith("state"))
                    .reduce((first, second) -> second)
                    .orElse(lines.isEmpty() ? "JVM start" : "start");
        }
    }

    /** Waits until the child has ended by itself. */
    void awaitEnd(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the child does not end; " + lastWords());
        }
    }

    /** Kills it as {@code kill -9} does, and returns when it is gone. */
    void kill() throws InterruptedException {
        if (!process.isAlive()) {
            throw new AssertionError("the child has ended by itself; " + lastWords());
        }
        process.destroyForcibly().waitFor();
        reader.join();
    }

    /** Returns the state of the child and the end of its log, because its folder is deleted after a failure. */
    private String lastWords() {
        String state = process.isAlive() ? "it runs" : "it ended with " + process.exitValue();
        try {
            List<String> words = Files.readAllLines(log, UTF_8);
            List<String> last = words.subList(Math.max(0, words.size() - MAX_QUOTED_LINES), words.size());
            return state + ", and the end of its log is:\n" + String.join("\n", last);
        } catch (IOException e) {
            return state + ", and its log cannot be read: " + e;
        }
    }

    @Override
    public void close() {
        // It must not write any more when its folder is deleted.
        process.destroyForcibly().onExit().join();
    }
}
