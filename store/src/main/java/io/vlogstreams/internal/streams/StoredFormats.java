/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.ValueFormats;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.errors.ProcessorStateException;

/**
 * The formats that a store has had, in order. A format tag is an index into this list. A store that changes to a later
 * format keeps its old values unchanged and converts them when they are read, as Kafka's stores do.
 *
 * <p>Stored as one byte per format, its code. Immutable and thread-safe.
 */
final class StoredFormats implements ValueFormats {

    private final List<ValueFormat> formats;

    private StoredFormats(List<ValueFormat> formats) {
        this.formats = List.copyOf(formats);
    }

    static StoredFormats ofNewStore(ValueFormat format) {
        return new StoredFormats(List.of(format));
    }

    /**
     * Returns the formats of an existing store that is now opened in the given format.
     *
     * @throws ProcessorStateException if the store already has a later format, or one that this version does not know
     */
    static StoredFormats ofExistingStore(String storeName, byte[] encoded, ValueFormat format) {
        List<ValueFormat> formats = new ArrayList<>();
        for (byte code : encoded) {
            ValueFormat known = ValueFormat.ofCode(code);
            if (known == null) {
                throw new ProcessorStateException("Store " + storeName + " has value format " + code
                        + ", which this version does not know. Open it with the version that wrote it, or delete the"
                        + " store's folder to rebuild it from the changelog.");
            }
            formats.add(known);
        }
        ValueFormat newest = formats.get(formats.size() - 1);
        if (format.compareTo(newest) < 0) {
            String from = newest.description();
            String to = format.description();
            // The wording of Kafka's own stores, because applications and tests look for it.
            throw new ProcessorStateException("Store " + storeName + " is a " + from
                    + " key-value store and cannot be opened as a " + to + " key-value store. Downgrade from " + from
                    + " to "
                    + to
                    + " store is not supported. To downgrade, you can delete the local state in the state directory,"
                    + " and rebuild the store as " + to + " store from the changelog.");
        }
        if (format != newest) {
            formats.add(format);
        }
        return new StoredFormats(formats);
    }

    @Override
    public int currentTag() {
        return formats.size() - 1;
    }

    @Override
    public byte[] toCurrent(int formatTag, byte[] value) {
        if (formatTag == currentTag()) {
            return value;
        }
        return formats.get(formatTag).convertTo(formats.get(currentTag()), value);
    }

    @Override
    public byte[] encode() {
        byte[] encoded = new byte[formats.size()];
        for (int i = 0; i < encoded.length; i++) {
            encoded[i] = formats.get(i).code();
        }
        return encoded;
    }
}
