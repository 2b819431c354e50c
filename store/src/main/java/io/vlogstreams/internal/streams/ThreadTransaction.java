/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.apache.kafka.common.TopicPartition;

/**
 * The stores that the calling thread has written to since its last Kafka transaction ended.
 *
 * <p>Under exactly-once each StreamThread has one producer, and one transaction commits all of its tasks. The thread
 * that writes to a store is the thread that commits the transaction, so the two find each other here, also when one
 * process holds several instances, or an active and a standby of the same partition.
 *
 * <p>Each thread sees its own; nothing is shared.
 */
final class ThreadTransaction {

    /** A store that takes part. */
    interface Member {

        /**
         * The transaction is committed; on the thread that wrote.
         *
         * @param lastOffsets by partition, the last offset that belongs to the transaction: written to it, or read from
         *     it
         */
        void transactionCommitted(Map<TopicPartition, Long> lastOffsets);

        /** The transaction is aborted; on the thread that wrote. */
        void transactionAborted();
    }

    /** Weak: without a producer that signals, nothing would ever remove a store that has been closed. */
    private static final ThreadLocal<Set<Member>> MEMBERS =
            ThreadLocal.withInitial(() -> Collections.newSetFromMap(new WeakHashMap<>()));

    /** Set on a thread whose producer tells how its transactions end. */
    private static final ThreadLocal<Boolean> SIGNALLED = ThreadLocal.withInitial(() -> false);

    private ThreadTransaction() {}

    /** From now on the calling thread hears how its transactions end. */
    static void signalsBegin() {
        SIGNALLED.set(true);
    }

    static void signalsEnd() {
        SIGNALLED.remove();
    }

    /** Whether the calling thread hears how its transactions end. */
    static boolean isSignalled() {
        return SIGNALLED.get();
    }

    static void join(Member member) {
        MEMBERS.get().add(member);
    }

    static void committed(Map<TopicPartition, Long> lastOffsets) {
        leave().forEach(member -> member.transactionCommitted(lastOffsets));
    }

    static void aborted() {
        leave().forEach(Member::transactionAborted);
    }

    private static List<Member> leave() {
        List<Member> members = List.copyOf(MEMBERS.get());
        MEMBERS.remove();
        return members;
    }
}
