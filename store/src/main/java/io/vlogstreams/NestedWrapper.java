/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.processor.api.ProcessorWrapper;
import org.jspecify.annotations.Nullable;

/**
 * Validates and creates the application's own processor wrapper, which {@link VLogProcessorWrapper} nests.
 */
final class NestedWrapper implements ConfigDef.Validator {

    /** Creates the wrapper that the properties name, configured with them; null if they name none. */
    static @Nullable ProcessorWrapper configured(Map<String, ?> streamsProperties) {
        Class<?> wrapperClass = VLogConfig.processorWrapperClass(streamsProperties);
        if (wrapperClass == null) {
            return null;
        }
        ProcessorWrapper wrapper = newInstance(wrapperClass);
        wrapper.configure(streamsProperties);
        return wrapper;
    }

    private static ProcessorWrapper newInstance(Class<?> wrapperClass) {
        try {
            return (ProcessorWrapper) wrapperClass.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            ConfigException refused = new ConfigException(
                    VLogConfig.PROCESSOR_WRAPPER_CLASS,
                    wrapperClass.getName(),
                    "its constructor failed with " + e.getCause());
            refused.initCause(e);
            throw refused;
        }
    }

    @Override
    public void ensureValid(String name, @Nullable Object value) {
        if (value instanceof Class<?> type && !isWrapper(type)) {
            throw new ConfigException(name, type.getName(), "it must be " + this);
        }
    }

    private static boolean isWrapper(Class<?> type) {
        return ProcessorWrapper.class.isAssignableFrom(type)
                && !VLogProcessorWrapper.class.equals(type)
                && Modifier.isPublic(type.getModifiers())
                && !Modifier.isAbstract(type.getModifiers())
                && Stream.of(type.getConstructors()).anyMatch(constructor -> constructor.getParameterCount() == 0);
    }

    /** The wording for messages and for the documentation of the option. */
    @Override
    public String toString() {
        return "a public class that implements ProcessorWrapper and has a public constructor without parameters, other than"
                + " VLogProcessorWrapper";
    }
}
