/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store's participation in the Kafka transactions of its thread. The store joins with its first write, commits when
 * the transaction is committed, and discards its writes when the transaction is aborted.
 *
 * <p>The writing thread joins and ends transactions; another thread may announce a changelog partition.
 */
final class StoreTransaction implements ThreadTransaction.Member {

    private static final Logger LOG = LoggerFactory.getLogger(StoreTransaction.class);

    private final OpenStore store;
    private final boolean joins;

    /** The partitions whose offsets Streams has asked for; the store is restored from them. */
    private final Set<TopicPartition> changelogs = ConcurrentHashMap.newKeySet();

    /** Offsets of committed transactions that the store could not commit yet. */
    private final Map<TopicPartition, Long> pending = new HashMap<>();

    /** Whether writes of committed transactions are still staged. */
    private boolean behind;

    /** The thread whose transaction the store has joined; null between two transactions. */
    private volatile @Nullable Thread joinedBy;

    /** @param joins whether the store takes part in any transaction */
    StoreTransaction(OpenStore store, boolean joins) {
        this.store = store;
        this.joins = joins;
    }

    void knowChangelog(TopicPartition partition) {
        changelogs.add(partition);
    }

    /** Joins the transaction of the calling thread. */
    void join() {
        if (joins && joinedBy != Thread.currentThread()) {
            joinedBy = Thread.currentThread();
            ThreadTransaction.join(this);
        }
    }

    /** Returns whether the calling thread has written to the store in a transaction that is still open. */
    boolean isOpen() {
        return joinedBy == Thread.currentThread();
    }

    @Override
    public void transactionCommitted(Map<TopicPartition, Long> lastOffsets) {
        if (!leave()) {
            return;
        }
        try {
            lastOffsets.forEach((partition, offset) -> {
                if (changelogs.contains(partition) || store.committedOffset(partition) != null) {
                    pending.put(partition, offset);
                }
            });
            behind = true;
            store.commitTransaction(pending);
            caughtUp();
        } catch (InvalidStateStoreException closed) {
            LOG.debug("Store {} was closed before its transaction was committed", store.name());
        } catch (StreamsException e) {
            // The transaction is committed, so failing now would be wrong. The store lags its changelog, which is safe,
            // and tries again with the next transaction.
            LOG.warn("Store {} could not commit with the transaction and will try again", store.name(), e);
            join();
        }
    }

    @Override
    public void transactionAborted() {
        if (leave()) {
            try {
                // Writes of an earlier, committed transaction that the store could not commit are not kept apart.
                store.rollBack(behind);
                caughtUp();
            } catch (InvalidStateStoreException closed) {
                LOG.debug("Store {} was closed before its transaction was aborted", store.name());
            }
        }
    }

    private void caughtUp() {
        behind = false;
        pending.clear();
    }

    /** Leaves the transaction; returns whether the calling thread is still the one that joined. */
    private boolean leave() {
        boolean mine = isOpen();
        if (mine) {
            joinedBy = null;
        }
        return mine;
    }
}
