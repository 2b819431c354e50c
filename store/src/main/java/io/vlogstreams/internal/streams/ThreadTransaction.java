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
 * that writes to a store is the thread that commits the transaction. So a thread-local set connects the two, even if
 * one process runs several instances, or an active and a standby task of the same partition.
 *
 * <p>The set is thread-local; nothing is shared.
 */
final class ThreadTransaction {

    /** A store that has joined the transaction. */
    interface Member {

        /**
         * The transaction was committed. Called on the thread that wrote.
         *
         * @param lastOffsets by partition, the last offset that the transaction wrote or read
         */
        void transactionCommitted(Map<TopicPartition, Long> lastOffsets);

        /** The transaction was aborted. Called on the thread that wrote. */
        void transactionAborted();
    }

    /** The references are weak, because without a producer that signals nothing would remove a closed store. */
    private static final ThreadLocal<Set<Member>> MEMBERS =
            ThreadLocal.withInitial(() -> Collections.newSetFromMap(new WeakHashMap<>()));

    /** True on a thread whose producer signals how its transactions end. */
    private static final ThreadLocal<Boolean> SIGNALLED = ThreadLocal.withInitial(() -> false);

    private ThreadTransaction() {}

    /** From now on the producer of the calling thread signals how its transactions end. */
    static void signalsBegin() {
        SIGNALLED.set(true);
    }

    static void signalsEnd() {
        SIGNALLED.remove();
    }

    /** Returns whether the producer of the calling thread signals how its transactions end. */
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
