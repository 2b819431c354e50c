/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.quarkus;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vlogstreams.frameworks.testing.RestartScenario;
import io.vlogstreams.frameworks.testing.TestBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Starts the application as it was built, each time in a new process. */
class LibraryApplicationTest {

    private static final Pattern RESTORED = Pattern.compile("has restored (\\d+) records");

    private static final Path LOG = Path.of("target", "application.log");

    private record Running(Process process) implements RestartScenario.Running {

        static Running start(String bootstrapServers, Path state) throws IOException {
            return new Running(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx512m",
                            "-Dquarkus.kafka-streams.bootstrap-servers=" + bootstrapServers,
                            "-Dkafka-streams.state.dir=" + state,
                            "-Dkafka-streams.session.timeout.ms=" + TestBroker.SESSION_TIMEOUT_MS,
                            "-jar",
                            Path.of("target", "quarkus-app", "quarkus-run.jar").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(LOG.toFile())
                    .start());
        }

        @Override
        public long restored() throws IOException {
            String log = Files.readString(LOG);
            assertFalse(log.contains("has no effect"), "a setting has no effect: see " + LOG);
            return RESTORED.matcher(log)
                    .results()
                    .mapToLong(found -> Long.parseLong(found.group(1)))
                    .sum();
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().orTimeout(1, TimeUnit.MINUTES).join();
        }
    }

    @Test
    void itIsRestartedWithoutRestoring() throws Exception {
        RestartScenario.pass(Running::start);
    }
}
