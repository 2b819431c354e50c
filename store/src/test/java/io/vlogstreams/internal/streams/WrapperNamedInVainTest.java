/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.VLogProcessorWrapper;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When a warning says that the processor wrapper has no effect. Each test has its own application. */
class WrapperNamedInVainTest {

    private static Map<String, ?> properties(String application, Class<?> wrapper) {
        return Map.of("application.id", application, "processor.wrapper.class", wrapper);
    }

    @Test
    void anApplicationWhoseTopologyWasBuiltWithoutItIsWarnedOnce() {
        Map<String, ?> properties = properties("forgotten", VLogProcessorWrapper.class);
        assertThat(NamedInVain.PROCESSOR_WRAPPER.warnIfNotUsed(properties)).isTrue();
        assertThat(NamedInVain.PROCESSOR_WRAPPER.warnIfNotUsed(properties)).isFalse();
    }

    /** Like in a properties file. */
    @Test
    void aWrapperThatIsNamedByItsNameIsTheSame() {
        Map<String, ?> properties = Map.of(
                "application.id", "named", "processor.wrapper.class", VLogProcessorWrapper.class.getName() + " ");
        assertThat(NamedInVain.PROCESSOR_WRAPPER.warnIfNotUsed(properties)).isTrue();
    }

    @Test
    void anApplicationWhoseTopologyWasBuiltWithItIsNot() {
        Map<String, ?> properties = properties("built", VLogProcessorWrapper.class);
        new VLogProcessorWrapper().configure(properties);
        assertThat(NamedInVain.PROCESSOR_WRAPPER.warnIfNotUsed(properties)).isFalse();
    }

    @Test
    void anApplicationWithAnotherWrapperOrNoneIsNot() {
        assertThat(NamedInVain.PROCESSOR_WRAPPER.warnIfNotUsed(properties("other", Object.class)))
                .isFalse();
        assertThat(NamedInVain.PROCESSOR_WRAPPER.warnIfNotUsed(Map.of("application.id", "none")))
                .isFalse();
        assertThat(NamedInVain.PROCESSOR_WRAPPER.warnIfNotUsed(Map.of())).isFalse();
    }
}
