/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;

/** Kafka's clients, with a producer that sends all records but, on request, commits no transaction. */
final class FailingClients extends DefaultKafkaClientSupplier {

    private static volatile boolean failing;

    /** Makes the commit of every further transaction of this process fail. */
    static void fail() {
        failing = true;
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public void commitTransaction() {
                if (failing) {
                    flush();
                    throw new TimeoutException("made by the test");
                }
                super.commitTransaction();
            }
        };
    }
}
