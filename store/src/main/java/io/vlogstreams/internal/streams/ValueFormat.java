/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import org.apache.kafka.streams.state.HeadersBytesStore;
import org.apache.kafka.streams.state.TimestampedBytesStore;
import org.jspecify.annotations.Nullable;

/**
 * What the bytes of a value in a store are. A later format can hold what an earlier one holds, not the other way round.
 */
public enum ValueFormat {
    /** The value alone. */
    PLAIN(0, "regular"),
    /** 8 bytes of timestamp, then the value. */
    TIMESTAMPED(1, "timestamped"),
    /** Headers with their size, 8 bytes of timestamp, then the value. */
    HEADERS(2, "headers-aware");

    private final byte code;
    private final String description;

    ValueFormat(int code, String description) {
        this.code = (byte) code;
        this.description = description;
    }

    /** What stands for the format on disk. */
    byte code() {
        return code;
    }

    /** The format with that code, or null. */
    static @Nullable ValueFormat ofCode(byte code) {
        for (ValueFormat format : values()) {
            if (format.code == code) {
                return format;
            }
        }
        return null;
    }

    /** How messages call a store of this format. */
    String description() {
        return description;
    }

    /** The value, which is in this format, in a later format, as Kafka's own stores convert it. */
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
