/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.jspecify.annotations.Nullable;

/**
 * A producer that tells the stores of its thread when a transaction is committed, with the offsets that were
 * acknowledged in it, and when it is aborted. Without transactions it only delegates.
 *
 * <p>The Kafka transaction is committed first, then the stores. After a crash in between, the stores lag the changelog
 * and are restored from it.
 *
 * <p>As thread-safe as the producer that it wraps; transactions belong to one thread.
 */
public final class TransactionSignalProducer implements Producer<byte[], byte[]> {

    private final Producer<byte[], byte[]> producer;

    /**
     * The highest offset acknowledged in the current transaction; filled by the producer's own thread. Each transaction
     * has its own map, so that a late acknowledgement does not count for a later transaction.
     */
    private volatile Map<TopicPartition, Long> acknowledged = new ConcurrentHashMap<>();

    /** The last offset consumed in the current transaction, for input topics that are also changelogs of stores. */
    private final Map<TopicPartition, Long> consumed = new HashMap<>();

    private volatile boolean inTransaction;

    public TransactionSignalProducer(Producer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    @Override
    public void initTransactions() {
        producer.initTransactions();
        ThreadTransaction.signalsBegin();
    }

    @Override
    public void beginTransaction() {
        forgetOffsets();
        producer.beginTransaction();
        inTransaction = true;
        ThreadTransaction.signalsBegin();
    }

    @Override
    public void sendOffsetsToTransaction(
            Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata groupMetadata) {
        producer.sendOffsetsToTransaction(offsets, groupMetadata);
        // The offset of a consumer is the next to read, that of a store is the last one applied.
        offsets.forEach((partition, next) -> {
            if (next.offset() > 0) {
                consumed.put(partition, next.offset() - 1);
            }
        });
    }

    @Override
    public void commitTransaction() {
        producer.commitTransaction();
        // All sends of the transaction have been acknowledged by now, and their callbacks have run.
        Map<TopicPartition, Long> lastOffsets = new HashMap<>(acknowledged);
        // An application that writes to the source topic of its own table has written more than the table holds.
        consumed.forEach((partition, offset) -> lastOffsets.merge(partition, offset, Math::min));
        forgetOffsets();
        ThreadTransaction.committed(lastOffsets);
    }

    @Override
    public void abortTransaction() {
        try {
            producer.abortTransaction();
        } finally {
            forgetOffsets();
            ThreadTransaction.aborted();
        }
    }

    private void forgetOffsets() {
        inTransaction = false;
        acknowledged = new ConcurrentHashMap<>();
        consumed.clear();
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
        return send(record, null);
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
        if (!inTransaction) {
            return producer.send(record, callback);
        }
        Map<TopicPartition, Long> ofThisTransaction = acknowledged;
        return producer.send(record, (metadata, exception) -> {
            if (exception == null) {
                ofThisTransaction.merge(
                        new TopicPartition(metadata.topic(), metadata.partition()), metadata.offset(), Math::max);
            }
            if (callback != null) {
                callback.onCompletion(metadata, exception);
            }
        });
    }

    @Override
    public void flush() {
        producer.flush();
    }

    @Override
    public List<PartitionInfo> partitionsFor(String topic) {
        return producer.partitionsFor(topic);
    }

    @Override
    public Map<MetricName, ? extends Metric> metrics() {
        return producer.metrics();
    }

    @Override
    public Uuid clientInstanceId(Duration timeout) {
        return producer.clientInstanceId(timeout);
    }

    @Override
    public void registerMetricForSubscription(KafkaMetric metric) {
        producer.registerMetricForSubscription(metric);
    }

    @Override
    public void unregisterMetricFromSubscription(KafkaMetric metric) {
        producer.unregisterMetricFromSubscription(metric);
    }

    @Override
    public void close() {
        endWith(producer::close);
    }

    @Override
    public void close(Duration timeout) {
        endWith(() -> producer.close(timeout));
    }

    /**
     * Closes the producer. A transaction that is still open can never be committed, and the transaction of the next
     * producer must not include its writes.
     */
    private void endWith(Runnable closing) {
        try {
            closing.run();
        } finally {
            if (inTransaction) {
                forgetOffsets();
                ThreadTransaction.aborted();
            }
            ThreadTransaction.signalsEnd();
        }
    }
}
