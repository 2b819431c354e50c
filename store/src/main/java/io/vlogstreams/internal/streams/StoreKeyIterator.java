/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogKeyIterator;
import io.vlogstreams.internal.engine.KeyScan;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Function;

/** The iterator that a store returns for a scan of keys. */
final class StoreKeyIterator<K> extends ScanIterator<KeyScan> implements VLogKeyIterator<K> {

    private final Function<byte[], K> deserializer;

    StoreKeyIterator(
            StoreErrors errors,
            KeyScan scan,
            Function<byte[], K> deserializer,
            Consumer<? super ScanIterator<KeyScan>> onClose) {
        super(errors, scan, onClose);
        this.deserializer = deserializer;
    }

    @Override
    public synchronized K next() {
        checkHasNext();
        byte[] key = scan.key();
        try {
            scan.advance();
        } catch (IOException e) {
            throw translate(e);
        }
        return deserializer.apply(key);
    }

    @Override
    public synchronized K peekNextKey() {
        checkHasNext();
        return deserializer.apply(scan.key());
    }
}
