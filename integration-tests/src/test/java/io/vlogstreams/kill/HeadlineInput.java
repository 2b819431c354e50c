/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Incompressible values of one size, and the expected content of a store of the newest ones. For one thread. */
final class HeadlineInput implements AutoCloseable {

    private static final long TRICKLE_PAUSE_MILLIS = 20;

    private final Producer<String, byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Map<String, Fingerprint> newest = new TreeMap<>();
    private final int keys;
    private final int valueBytes;
    private long number;

    HeadlineInput(String bootstrapServers, int keys, int valueBytes) {
        this.keys = keys;
        this.valueBytes = valueBytes;
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        KillBroker.RECORD_BYTES_MAX,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        1 << 19),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    /** Writes every key that many times. */
    void load(int times) {
        for (long i = 0; i < (long) times * keys; i++) {
            sendOne();
        }
        flush();
    }

    /** Sends a few records all the time, for the given time. */
    void trickle(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            sendOne();
            TimeUnit.MILLISECONDS.sleep(TRICKLE_PAUSE_MILLIS);
        }
        flush();
    }

    private void sendOne() {
        String key = "key-" + number % keys;
        byte[] value = new byte[valueBytes];
        new Random(number).nextBytes(value);
        ByteBuffer.wrap(value).putLong(number);
        number++;
        newest.put(key, Fingerprint.of(value));
        // The callback keeps a failure, and flush checks it.
        var unused = producer.send(new ProducerRecord<>(HeadlineTopology.INPUT, key, value), (metadata, exception) -> {
            if (exception != null) {
                failure.compareAndSet(null, exception);
            }
        });
    }

    private void flush() {
        producer.flush();
        if (failure.get() != null) {
            throw new AssertionError("input could not be sent", failure.get());
        }
    }

    Map<String, Fingerprint> newest() {
        return newest;
    }

    @Override
    public void close() {
        producer.close();
    }
}
