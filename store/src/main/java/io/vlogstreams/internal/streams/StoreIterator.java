/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.StoreScan;
import java.io.IOException;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * A scan as Kafka Streams sees it. {@link #peekNextKey()} reads no value.
 *
 * <p>For one thread at a time; another one may close it, as the store does when it is closed, hence the lock.
 */
final class StoreIterator implements KeyValueIterator<Bytes, byte[]> {

    private final StoreErrors errors;
    private final StoreScan scan;
    private final Consumer<StoreIterator> onClose;
    private boolean open = true;

    StoreIterator(StoreErrors errors, StoreScan scan, Consumer<StoreIterator> onClose) {
        this.errors = errors;
        this.scan = scan;
        this.onClose = onClose;
    }

    @Override
    public synchronized boolean hasNext() {
        checkOpen();
        return scan.isValid();
    }

    @Override
    public synchronized KeyValue<Bytes, byte[]> next() {
        checkHasNext();
        try {
            KeyValue<Bytes, byte[]> entry = KeyValue.pair(Bytes.wrap(scan.key()), scan.value());
            scan.advance();
            return entry;
        } catch (IOException e) {
            throw errors.translate("iterating", e);
        }
    }

    @Override
    public synchronized Bytes peekNextKey() {
        checkHasNext();
        return Bytes.wrap(scan.key());
    }

    private void checkHasNext() {
        checkOpen();
        if (!scan.isValid()) {
            throw new NoSuchElementException();
        }
    }

    private void checkOpen() {
        if (!open) {
            throw new InvalidStateStoreException("Iterator of store " + errors.storeName() + " is closed");
        }
    }

    @Override
    public synchronized void close() {
        if (open) {
            open = false;
            scan.close();
            onClose.accept(this);
        }
    }
}
