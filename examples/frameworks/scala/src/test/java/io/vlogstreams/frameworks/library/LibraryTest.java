/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.library;

import io.vlogstreams.frameworks.testing.RestartScenario;
import io.vlogstreams.frameworks.testing.RestoredRecords;
import io.vlogstreams.frameworks.testing.TestBroker;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.Test;

class LibraryTest {

    private record Running(KafkaStreams streams, RestoredRecords records) implements RestartScenario.Running {

        static Running start(String bootstrapServers, Path state) {
            Properties properties = Library.properties(bootstrapServers, state.toString());
            properties.put("session.timeout.ms", TestBroker.SESSION_TIMEOUT_MS);
            KafkaStreams streams = new KafkaStreams(Library.topology(properties), properties);
            RestoredRecords records = new RestoredRecords();
            streams.setGlobalStateRestoreListener(records);
            streams.start();
            return new Running(streams, records);
        }

        @Override
        public long restored() {
            return records.count();
        }

        @Override
        public void close() {
            streams.close();
        }
    }

    @Test
    void itIsRestartedWithoutRestoring() throws Exception {
        RestartScenario.pass(Running::start);
    }
}
