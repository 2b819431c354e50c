/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {
    @TempDir
    private Path dataDir;

    @Test
    void aNodeThatIsStartedAgainHasItsTopics() throws Exception {
        try (var kafka = EmbeddedKafka.start(dataDir, Map.of("message.max.bytes", "12345678"));
                var admin = admin(kafka)) {
            admin.createTopics(List.of(new NewTopic("documents", Optional.of(3), Optional.empty())))
                    .all()
                    .get();
            var broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
            var config = admin.describeConfigs(List.of(broker)).all().get().get(broker);
            assertThat(config.get("message.max.bytes").value()).isEqualTo("12345678");
        }

        try (var kafka = EmbeddedKafka.start(dataDir);
                var admin = admin(kafka)) {
            assertThat(admin.listTopics().names().get()).contains("documents");
        }
    }

    @Test
    void aNodeThatCannotStartSaysWhere() throws Exception {
        var notAFolder = Files.createFile(dataDir.resolve("file"));

        assertThatThrownBy(() -> EmbeddedKafka.start(notAFolder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(notAFolder.toString());
    }

    @Test
    void aWrongOverrideIsRefusedWithItsName() {
        assertThatThrownBy(() -> EmbeddedKafka.start(dataDir, Map.of("num.io.threads", "none")))
                .hasMessageContaining("num.io.threads");
    }

    @Test
    void closingTwiceIsHarmless() {
        var kafka = EmbeddedKafka.start(dataDir);
        kafka.close();
        kafka.close();
    }

    private static Admin admin(EmbeddedKafka kafka) {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }
}
