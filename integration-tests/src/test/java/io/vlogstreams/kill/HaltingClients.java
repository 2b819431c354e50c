/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;

/** Kafka's clients, with a producer that halts the process at a commit, as abruptly as a kill. */
final class HaltingClients extends DefaultKafkaClientSupplier {

    /** The moment at which the process is halted. */
    enum Moment {
        /** All records are sent, but the transaction will be aborted. */
        BEFORE_COMMIT,
        /** The transaction is committed, but no store has been told yet. */
        AFTER_COMMIT
    }

    private final Moment moment;
    private final AtomicInteger commitsLeft;

    /**
     * @param commits the number of commits, of all producers together, before the one at which the process is halted
     */
    HaltingClients(Moment moment, int commits) {
        this.moment = moment;
        this.commitsLeft = new AtomicInteger(commits);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public void commitTransaction() {
                boolean last = commitsLeft.getAndDecrement() <= 0;
                if (last && moment == Moment.BEFORE_COMMIT) {
                    flush();
                    Runtime.getRuntime().halt(1);
                }
                super.commitTransaction();
                if (last) {
                    Runtime.getRuntime().halt(1);
                }
            }
        };
    }
}
