/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static io.vlogstreams.kill.NumbersTopology.CACHED;
import static io.vlogstreams.kill.NumbersTopology.DELETING;
import static io.vlogstreams.kill.NumbersTopology.TABLE;
import static io.vlogstreams.kill.NumbersTopology.UNCACHED;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends numbered input continuously on a separate thread, and knows the expected content of the stores if each number
 * is counted exactly once. Its methods are for one other thread.
 */
final class NumberedInput implements AutoCloseable {

    private static final int KEYS = 60;
    private static final long PAUSE_MILLIS = 15;

    private final String applicationId;
    private final Producer<String, byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Map<String, byte[]> tallies = new TreeMap<>();
    private final Map<String, byte[]> withDeletions = new TreeMap<>();
    private final Map<String, byte[]> documents = new TreeMap<>();
    private final Thread sender = new Thread(this::sendAll, "numbered-input");

    private long next;
    private boolean flowing;
    private boolean closed;

    NumberedInput(String bootstrapServers, String applicationId) {
        this.applicationId = applicationId;
        producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        KillBroker.RECORD_BYTES_MAX),
                new StringSerializer(),
                new ByteArraySerializer());
        sender.setDaemon(true);
        sender.start();
    }

    private void sendAll() {
        try {
            while (sendOne()) {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException | RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private synchronized boolean sendOne() throws InterruptedException {
        while (!flowing && !closed) {
            wait();
        }
        if (closed) {
            return false;
        }
        long number = next++;
        String key = "key-" + number * 17 % KEYS;
        byte[] input = Tally.input(number);
        send(NumbersTopology.numbers(applicationId), key, input);
        tallies.put(key, Tally.add(tallies.get(key), input));
        if (Tally.deletes(input)) {
            withDeletions.remove(key);
        } else {
            withDeletions.put(key, Tally.add(withDeletions.get(key), input));
        }
        if (number % 3 == 0) {
            sendDocument(key, number % 9 == 0 ? null : input);
        }
        return true;
    }

    private void sendDocument(String key, byte[] document) {
        send(NumbersTopology.documents(applicationId), key, document);
        if (document == null) {
            documents.remove(key);
        } else {
            documents.put(key, document);
        }
    }

    private void send(String topic, String key, byte[] value) {
        // The callback keeps a failure, which stop() checks.
        var unused = producer.send(new ProducerRecord<>(topic, key, value), (metadata, exception) -> {
            if (exception != null) {
                failure.compareAndSet(null, exception);
            }
        });
    }

    synchronized void flow() {
        flowing = true;
        notifyAll();
    }

    /** Stops sending; returns when all records are in the topics. */
    synchronized void stop() {
        flowing = false;
        producer.flush();
        if (failure.get() != null) {
            throw new AssertionError("input could not be sent", failure.get());
        }
    }

    /** Returns the count of numbers sent so far. */
    synchronized long numbers() {
        return next;
    }

    /** Returns the expected content of the stores after all input was processed once. */
    synchronized StoreContents expected() {
        Map<String, Map<String, Fingerprint>> byStore = new HashMap<>();
        byStore.put(CACHED, fingerprints(tallies));
        byStore.put(UNCACHED, fingerprints(tallies));
        byStore.put(DELETING, fingerprints(withDeletions));
        byStore.put(TABLE, fingerprints(documents));
        return new StoreContents(byStore);
    }

    private static Map<String, Fingerprint> fingerprints(Map<String, byte[]> values) {
        Map<String, Fingerprint> fingerprints = new TreeMap<>();
        values.forEach((key, value) -> fingerprints.put(key, Fingerprint.of(value)));
        return fingerprints;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        producer.close();
    }
}
