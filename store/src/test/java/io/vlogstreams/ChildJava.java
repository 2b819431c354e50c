/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs a test class in another JVM, for tests that need other JVM options or no other classes loaded. */
final class ChildJava {

    private static final int PATIENCE_SECONDS = 280;

    private ChildJava() {}

    /**
     * Runs the class to its end, which must be successful.
     *
     * @param java the JDK
     * @param folder the folder for its output
     * @return its console output
     */
    static String run(Path java, Path folder, List<String> jvmOptions, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "child", ".log");
        List<String> command = new ArrayList<>();
        command.add(java.resolve("bin/java").toString());
        command.addAll(jvmOptions);
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder child =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        child.environment().put("CLASSPATH", classPath());
        Process process = child.start();
        try {
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            String output = Files.readString(log);
            assertThat(ended).as(output).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(System.getProperty("path.separator"), -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(System.getProperty("path.separator")));
    }
}
