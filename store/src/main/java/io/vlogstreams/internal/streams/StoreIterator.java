/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.StoreScan;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/** The iterator that a store returns for a scan. {@link #peekNextKey()} reads no value. */
final class StoreIterator extends ScanIterator<StoreScan> implements KeyValueIterator<Bytes, byte[]> {

    StoreIterator(StoreErrors errors, StoreScan scan, Consumer<? super ScanIterator<StoreScan>> onClose) {
        super(errors, scan, onClose);
    }

    @Override
    public synchronized KeyValue<Bytes, byte[]> next() {
        checkHasNext();
        try {
            KeyValue<Bytes, byte[]> entry = KeyValue.pair(Bytes.wrap(scan.key()), scan.value());
            scan.advance();
            return entry;
        } catch (IOException e) {
            throw translate(e);
        }
    }

    @Override
    public synchronized Bytes peekNextKey() {
        checkHasNext();
        return Bytes.wrap(scan.key());
    }
}
