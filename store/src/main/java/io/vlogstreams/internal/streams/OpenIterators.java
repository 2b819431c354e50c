/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open iterators of a store, which are closed together with it at the latest. Thread-safe. */
final class OpenIterators {

    private static final Logger LOG = LoggerFactory.getLogger(OpenIterators.class);

    private final Set<ScanIterator<?>> iterators = ConcurrentHashMap.newKeySet();

    void add(ScanIterator<?> iterator) {
        iterators.add(iterator);
    }

    void remove(ScanIterator<?> iterator) {
        iterators.remove(iterator);
    }

    void closeAll(String storeName) {
        if (!iterators.isEmpty()) {
            LOG.warn("Closing {} open iterators for store {}", iterators.size(), storeName);
            List.copyOf(iterators).forEach(ScanIterator::close);
        }
    }
}
