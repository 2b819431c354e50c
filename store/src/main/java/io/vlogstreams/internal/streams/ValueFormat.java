/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import org.apache.kafka.streams.state.HeadersBytesStore;
import org.apache.kafka.streams.state.TimestampedBytesStore;
import org.jspecify.annotations.Nullable;

/**
 * The format of the values of a store. A value of an earlier format can be converted to a later one, but not back.
 */
public enum ValueFormat {
    /** The value alone. */
    PLAIN(0, "regular"),
    /** A timestamp of 8 bytes, then the value. */
    TIMESTAMPED(1, "timestamped"),
    /** The headers with their size, a timestamp of 8 bytes, then the value. */
    HEADERS(2, "headers-aware");

    private final byte code;
    private final String description;

    ValueFormat(int code, String description) {
        this.code = (byte) code;
        this.description = description;
    }

    /** Returns the byte that represents the format on disk. */
    byte code() {
        return code;
    }

    /** Returns the format with that code, or null. */
    static @Nullable ValueFormat ofCode(byte code) {
        for (ValueFormat format : values()) {
            if (format.code == code) {
                return format;
            }
        }
        return null;
    }

    /** Returns the name of the format in messages. */
    String description() {
        return description;
    }

    /** Converts a value of this format to a later one, as Kafka's own stores do. */
    byte[] convertTo(ValueFormat later, byte[] value) {
        if (this == later) {
            return value;
        }
        return switch (later) {
            case PLAIN -> throw new IllegalArgumentException("a value of format " + this + " cannot become plain");
            case TIMESTAMPED -> TimestampedBytesStore.convertToTimestampedFormat(value);
            case HEADERS ->
                this == PLAIN
                        ? HeadersBytesStore.convertFromPlainToHeaderFormat(value)
                        : HeadersBytesStore.convertToHeaderFormat(value);
        };
    }
}
