/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** One instance of a Kafka Streams application. If one of its threads dies, the test that waits for it fails. */
final class App implements AutoCloseable {

    private final KafkaStreams streams;
    private final RestoreLog restored = new RestoreLog();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean expectedFailure;
    private boolean closed;

    App(Topology topology, Map<String, String> settings) {
        streams = new KafkaStreams(topology, new StreamsConfig(settings));
        streams.setGlobalStateRestoreListener(restored);
        streams.setUncaughtExceptionHandler(exception -> {
            failure.compareAndSet(null, exception);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    }

    /** Replaces threads that die, from now on. */
    App replacingThreads() {
        streams.setUncaughtExceptionHandler(exception -> StreamThreadExceptionResponse.REPLACE_THREAD);
        return this;
    }

    /** Allows the application to die, from now on; {@link #hasFailed} returns whether it did. */
    App expectingFailure() {
        streams.setUncaughtExceptionHandler(exception -> {
            expectedFailure = true;
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        return this;
    }

    boolean hasFailed() {
        return expectedFailure;
    }

    /** Starts the application and returns immediately. */
    App launch() {
        streams.start();
        return this;
    }

    /** Starts the application and returns when all state is restored. */
    App start() {
        launch();
        return awaitRunning();
    }

    App awaitRunning() {
        await("the application to run")
                .atMost(BrokerTest.PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    checkAlive();
                    return streams.state() == KafkaStreams.State.RUNNING;
                });
        return this;
    }

    void checkAlive() {
        if (failure.get() != null) {
            throw new AssertionError("the application died", failure.get());
        }
    }

    KafkaStreams streams() {
        return streams;
    }

    /** Returns the log of restored records of the active and global stores of this instance. */
    RestoreLog restored() {
        return restored;
    }

    /** Returns the active and global stores of that name. */
    ReadOnlyKeyValueStore<String, byte[]> store(String name) {
        return streams.store(
                StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.<String, byte[]>keyValueStore()));
    }

    /** Returns the active and standby stores of that name. */
    ReadOnlyKeyValueStore<String, byte[]> storeOrStandby(String name) {
        return streams.store(
                StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.<String, byte[]>keyValueStore())
                        .enableStaleStores());
    }

    /** Returns the content of a store, verified by checksums. */
    Map<String, Payload> contents(String name) {
        return contents(store(name));
    }

    static Map<String, Payload> contents(ReadOnlyKeyValueStore<String, byte[]> store) {
        Map<String, byte[]> values = new HashMap<>();
        try (KeyValueIterator<String, byte[]> all = store.all()) {
            all.forEachRemaining(entry -> assertThat(values.put(entry.key, entry.value))
                    .as("twice in the store: " + entry.key)
                    .isNull());
        }
        return Payload.decodeAll(values);
    }

    /** Closes cleanly and leaves the group, so that the next instance need not wait. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean inTime = streams.close(CloseOptions.timeout(BrokerTest.PATIENCE)
                .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
        assertThat(inTime).as("the application closed in time").isTrue();
        checkAlive();
    }

    /** Closes the application and deletes its local state. */
    void closeAndDeleteState() {
        close();
        streams.cleanUp();
    }
}
