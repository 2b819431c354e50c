/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VLogConfigTest {

    private static final Set<String> OPTIONS = VLogConfig.configDef().names();

    @Test
    void theDefaultsAreThoseOfTheDefinition() {
        VLogConfig defaults = VLogConfig.defaults();
        assertThat(defaults.options()).isEmpty();
        assertThat(defaults.thresholdBytes()).isEqualTo(1024);
        assertThat(defaults.maxFileBytes()).isEqualTo(64L << 20);
        assertThat(defaults.maxValueBytes()).isEqualTo(64 << 20);
        assertThat(defaults.verifiesChecksums()).isTrue();
        assertThat(defaults.syncsCommits()).isFalse();
    }

    @Test
    void anOptionCanBeTextOrANumber() {
        assertThat(VLogConfig.of(Map.of("vlog.threshold.bytes", "7")).thresholdBytes())
                .isEqualTo(7);
        assertThat(VLogConfig.of(Map.of("vlog.threshold.bytes", 7)).thresholdBytes())
                .isEqualTo(7);
    }

    @Test
    void whatWasSetIsKnown() {
        assertThat(VLogConfig.of(Map.of("vlog.threshold.bytes", 7)).options())
                .isEqualTo(Map.of("vlog.threshold.bytes", 7));
    }

    @Test
    void aPropertyForAllStoresWinsOverTheDefault() {
        VLogConfig config = VLogConfig.defaults().forStore("a", Map.of("vlog.threshold.bytes", "1"));
        assertThat(config.thresholdBytes()).isEqualTo(1);
    }

    @Test
    void whatIsGivenInCodeWinsOverAPropertyForAllStores() {
        VLogConfig config =
                VLogConfig.of(Map.of("vlog.threshold.bytes", 2)).forStore("a", Map.of("vlog.threshold.bytes", "1"));
        assertThat(config.thresholdBytes()).isEqualTo(2);
    }

    @Test
    void aPropertyForTheStoreWinsOverAll() {
        VLogConfig config = VLogConfig.of(Map.of("vlog.threshold.bytes", 2))
                .forStore("a", Map.of("vlog.threshold.bytes", "1", "vlog.a.threshold.bytes", "3"));
        assertThat(config.thresholdBytes()).isEqualTo(3);
    }

    @Test
    void aPropertyForAnotherStoreDoesNotMatter() {
        VLogConfig config = VLogConfig.defaults().forStore("a", Map.of("vlog.b.threshold.bytes", "3"));
        assertThat(config.thresholdBytes()).isEqualTo(1024);
    }

    @Test
    void aStoreNameMayHaveDots() {
        VLogConfig config = VLogConfig.defaults()
                .forStore("a.b.file", Map.of("vlog.a.b.file.threshold.bytes", "3", "vlog.file.threshold.bytes", "4"));
        assertThat(config.thresholdBytes()).isEqualTo(3);
    }

    @Test
    void theOptionsOfAStoreCanBeMixedFromAllPlaces() {
        VLogConfig config = VLogConfig.of(Map.of("vlog.cache.bytes", 5))
                .forStore("a", Map.of("vlog.a.threshold.bytes", "3", "vlog.open.files.max", "9"));
        assertThat(config.thresholdBytes()).isEqualTo(3);
        assertThat(config.cacheBytes()).isEqualTo(5);
        assertThat(config.maxOpenFiles()).isEqualTo(9);
        assertThat(config.maxKeyBytes()).isEqualTo(VLogConfig.defaults().maxKeyBytes());
    }

    @Test
    void aPropertyWithoutAValueIsNotSet() {
        VLogConfig config =
                VLogConfig.defaults().forStore("a", Collections.singletonMap("vlog.a.threshold.bytes", null));
        assertThat(config.thresholdBytes()).isEqualTo(1024);
    }

    @Test
    void anUnknownOptionInCodeIsRefusedWithTheOptionsThereAre() {
        assertThatThrownBy(() -> VLogConfig.of(Map.of("vlog.treshold.bytes", 7)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("vlog.treshold.bytes")
                .hasMessageContaining("vlog.threshold.bytes");
    }

    @Test
    void otherPropertiesArePassedOver() {
        assertThat(VLogConfig.of(Map.of("application.id", "app", "vlogx", 1)).options())
                .isEmpty();
    }

    @Test
    void noOptionIsTheTailOfAnother() {
        // Otherwise vlog.<store>.<suffix> could mean two options.
        for (String option : OPTIONS) {
            for (String other : OPTIONS) {
                if (!option.equals(other)) {
                    assertThat(other).doesNotEndWith("." + tail(option));
                }
            }
        }
    }

    @Test
    void allOptionsHaveThePrefix() {
        assertThat(OPTIONS).allMatch(option -> option.startsWith(VLogConfig.PREFIX));
    }

    @Test
    void allOptionsHaveALimitOrAChoice() {
        assertThat(VLogConfig.configDef().configKeys().values())
                .allSatisfy(key -> assertThat(key.validator).as(key.name).isNotNull());
    }

    static Stream<Arguments> valuesOutOfRange() {
        return VLogConfig.configDef().configKeys().values().stream().flatMap(VLogConfigTest::outOfRange);
    }

    private static Stream<Arguments> outOfRange(ConfigDef.ConfigKey key) {
        if (key.type == ConfigDef.Type.STRING) {
            return Stream.of(Arguments.of(key.name, "sometimes"));
        }
        String max = switch (key.type) {
            case INT -> "99999999999";
            case DOUBLE -> "1000.5";
            default -> "" + Long.MAX_VALUE;
        };
        return Stream.of(Arguments.of(key.name, "-1"), Arguments.of(key.name, max), Arguments.of(key.name, "many"));
    }

    @ParameterizedTest
    @MethodSource("valuesOutOfRange")
    void aValueOutOfRangeIsRefusedWhereverItIsSet(String option, String value) {
        assertRefused(() -> VLogConfig.of(Map.of(option, value)), option, value);
        assertRefused(() -> VLogConfig.defaults().forStore("a", Map.of(option, value)), option, value);
        String forStore = "vlog.documents." + tail(option);
        assertRefused(() -> VLogConfig.defaults().forStore("documents", Map.of(forStore, value)), forStore, value);
    }

    @ParameterizedTest
    @MethodSource("valuesOutOfRange")
    void theDslStoreSuppliersRefuseItBeforeAnyStoreIsMade(String option, String value) {
        assertRefused(() -> new VLogDslStoreSuppliers().configure(Map.of(option, value)), option, value);
        String forStore = "vlog.some.store." + tail(option);
        assertRefused(() -> new VLogDslStoreSuppliers().configure(Map.of(forStore, value)), forStore, value);
    }

    @Test
    void aMessageNamesTheRange() {
        assertThatThrownBy(() -> VLogConfig.of(Map.of("vlog.open.files.max", 0)))
                .hasMessageContaining("vlog.open.files.max")
                .hasMessageContaining("at least 1");
        assertThatThrownBy(() -> VLogConfig.of(Map.of("vlog.sync.policy", "always")))
                .hasMessageContaining("none")
                .hasMessageContaining("commit");
    }

    @Test
    void theDslStoreSuppliersAcceptGoodAndForeignProperties() {
        assertThatCode(() -> new VLogDslStoreSuppliers()
                        .configure(Map.of(
                                "vlog.threshold.bytes",
                                "7",
                                "vlog.documents.cache.bytes",
                                1024,
                                "vlog.unknown",
                                "only a warning",
                                "application.id",
                                "app")))
                .doesNotThrowAnyException();
    }

    @Test
    void theDefinitionThatIsGivenOutIsACopy() {
        VLogConfig.configDef().define("vlog.mine", ConfigDef.Type.INT, 1, ConfigDef.Importance.LOW, "not an option");
        assertThat(VLogConfig.configDef().names()).isEqualTo(OPTIONS);
    }

    private static void assertRefused(Runnable runnable, String key, String value) {
        assertThatThrownBy(runnable::run)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(value);
    }

    private static String tail(String option) {
        return option.substring(VLogConfig.PREFIX.length());
    }
}
