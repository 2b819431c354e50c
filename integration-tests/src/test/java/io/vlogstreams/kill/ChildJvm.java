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
import java.util.regex.Pattern;

/** A running {@link KillChild}, seen from its parent. */
final class ChildJvm implements AutoCloseable {

    private static final int MAX_QUOTED_LINES = 200;

    private static final String PATH_SEPARATOR = System.getProperty("path.separator");

    /** The jars of Kafka, without ours, and those in which its versions differ. */
    private static final Pattern OF_KAFKA =
            Pattern.compile("kafka(?!-streams-vlog)[-_]|rocksdbjni-|zstd-jni-|lz4-java-|snappy-java-|jackson-");

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
     * @param folder where it works: its properties, its log, what Log4j writes
     */
    static ChildJvm start(KillChild.Kind kind, Properties properties, Path folder, String... jvmOptions) {
        try {
            Files.createDirectories(folder);
            Path file = folder.resolve("streams.properties");
            try (var writer = Files.newBufferedWriter(file, UTF_8)) {
                properties.store(writer, null);
            }
            Path log = folder.resolve("child.log");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            // What a crashed JVM has to say is in the log then, which a failure quotes, and not in a file that is
            // deleted.
            command.add("-XX:+ErrorFileToStderr");
            command.addAll(List.of(jvmOptions));
            command.addAll(List.of(KillChild.class.getName(), kind.name(), file.toString()));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().put("CLASSPATH", classPath());
            return new ChildJvm(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * That of this JVM. With {@code -Dchild.kafka=folder} the libraries in that folder take the place of Kafka's and of what
     * those bring, so that the child runs with another version than the broker.
     */
    private static String classPath() throws IOException {
        String libraries = System.getProperty("child.kafka");
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(PATH_SEPARATOR, -1)) {
            Path path = Path.of(entry).toAbsolutePath();
            if (libraries == null
                    || !OF_KAFKA.matcher(path.getFileName().toString()).lookingAt()) {
                entries.add(path.toString());
            }
        }
        if (libraries != null) {
            try (var files = Files.list(Path.of(libraries))) {
                files.map(Path::toString).sorted().forEach(entries::add);
            }
        }
        return String.join(PATH_SEPARATOR, entries);
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
            // The end of its output, as good as any other.
        }
        synchronized (lines) {
            ended = true;
            lines.notifyAll();
        }
    }

    /** Waits for the first line that starts so; fails if the child ends or fails before. */
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

    /** Waits for the line or until the time is over, whichever comes first. */
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

    /** How it came up; waits for that. */
    ChildStart awaitRunning(Duration patience) throws InterruptedException {
        return ChildStart.parse(await("running", patience));
    }

    /** What its stores hold now. */
    StoreContents dump(Path file, Duration patience) throws InterruptedException, IOException {
        BufferedWriter commands = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), UTF_8));
        commands.write("dump " + file + "\n");
        commands.flush();
        await("dumped", patience);
        return StoreContents.readFrom(file);
    }

    /** The last state it told, or what it said first. */
    String lastState() {
        synchronized (lines) {
            return lines.stream()
                    .filter(line -> line.startsWith("state"))
                    .reduce((first, second) -> second)
                    .orElse(lines.isEmpty() ? "JVM start" : "start");
        }
    }

    /** Waits until it has ended by itself. */
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

    /** Whether it runs, and the end of its log: its folder is gone when somebody reads the failure. */
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
        // Whoever deletes its folder next must not find it writing.
        process.destroyForcibly().onExit().join();
    }
}
