/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.KeyScan;
import java.io.Closeable;
import java.io.IOException;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsException;

/**
 * The base of the iterators of a store, over a scan that is open until the iterator is closed.
 *
 * <p>For one thread at a time. Another thread may close the iterator, as the store does when it is closed; hence the
 * lock.
 */
abstract sealed class ScanIterator<S extends KeyScan> implements Closeable permits StoreIterator, StoreKeyIterator {

    final S scan;
    private final StoreErrors errors;
    private final Consumer<? super ScanIterator<S>> onClose;
    private boolean open = true;

    ScanIterator(StoreErrors errors, S scan, Consumer<? super ScanIterator<S>> onClose) {
        this.errors = errors;
        this.scan = scan;
        this.onClose = onClose;
    }

    public final synchronized boolean hasNext() {
        checkOpen();
        return scan.isValid();
    }

    final void checkHasNext() {
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

    final StreamsException translate(IOException cause) {
        return errors.translate("iterating", cause);
    }

    @Override
    public final synchronized void close() {
        if (open) {
            open = false;
            scan.close();
            onClose.accept(this);
        }
    }
}
