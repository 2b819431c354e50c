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

/** Kafka's clients, with a producer that ends the process at a commit, as suddenly as a kill does. */
final class HaltingClients extends DefaultKafkaClientSupplier {

    /** When the process ends. */
    enum Moment {
        /** Everything is sent, but the transaction will be aborted. */
        BEFORE_COMMIT,
        /** The transaction is committed, and no store knows of it yet. */
        AFTER_COMMIT
    }

    private final Moment moment;
    private final AtomicInteger commitsLeft;

    /**
     * @param commits how many commits, of all producers together, are made before the one at which the process ends
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
