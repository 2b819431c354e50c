/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.springboot;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.frameworks.testing.RestartScenario;
import io.vlogstreams.frameworks.testing.RestoredRecords;
import io.vlogstreams.frameworks.testing.TestBroker;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.config.StreamsBuilderFactoryBeanConfigurer;

@ExtendWith(OutputCaptureExtension.class)
class LibraryApplicationTest {

    private static final String WARNING = "default.client.supplier of library has no effect";

    /** Lets the test count restored records. */
    static class Listening {

        @Bean
        RestoredRecords restored() {
            return new RestoredRecords();
        }

        @Bean
        StreamsBuilderFactoryBeanConfigurer listener(RestoredRecords restored) {
            return streams -> streams.setStateRestoreListener(restored);
        }
    }

    /** Restores Spring's default; it runs after the configurer of the application. */
    static class AsSpringDoesIt {

        @Bean
        StreamsBuilderFactoryBeanConfigurer springsOwn() {
            return streams -> streams.setClientSupplier(new DefaultKafkaClientSupplier());
        }
    }

    private static ConfigurableApplicationContext start(String bootstrapServers, Path state, Class<?>... more) {
        return new SpringApplicationBuilder(LibraryApplication.class)
                .sources(Listening.class)
                .sources(more)
                .properties(Map.of(
                        "spring.kafka.bootstrap-servers",
                        bootstrapServers,
                        "spring.kafka.streams.state-dir",
                        state.toString(),
                        "spring.kafka.streams.properties.session.timeout.ms",
                        TestBroker.SESSION_TIMEOUT_MS,
                        "spring.kafka.streams.properties.commit.interval.ms",
                        100,
                        "spring.kafka.streams.properties.default.client.supplier",
                        "io.vlogstreams.VLogKafkaClientSupplier"))
                .run();
    }

    private record Running(ConfigurableApplicationContext context) implements RestartScenario.Running {

        @Override
        public long restored() {
            return context.getBean(RestoredRecords.class).count();
        }

        @Override
        public void close() {
            context.close();
        }
    }

    @Test
    void itIsRestartedWithoutRestoring(CapturedOutput output) throws Exception {
        RestartScenario.pass((bootstrapServers, state) -> new Running(start(bootstrapServers, state)));

        assertThat(output).doesNotContain("has no effect");
    }

    /** An application without the configurer behaves the same. */
    @Test
    void aSupplierThatOnlyThePropertiesNameIsWarnedOf(CapturedOutput output) throws Exception {
        RestartScenario.pass(
                (bootstrapServers, state) -> new Running(start(bootstrapServers, state, AsSpringDoesIt.class)));

        assertThat(output).containsOnlyOnce(WARNING);
    }
}
