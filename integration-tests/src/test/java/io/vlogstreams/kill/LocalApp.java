/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import io.vlogstreams.kill.NumbersTopology.Disturbance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/** An instance of the application on {@link NumbersTopology} in this process. A thread that fails is replaced. */
final class LocalApp implements AutoCloseable {

    private final KafkaStreams streams;
    private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());

    private LocalApp(Properties properties, Disturbance disturbance) {
        streams = new KafkaStreams(NumbersTopology.build(properties, disturbance), properties);
        streams.setUncaughtExceptionHandler(exception -> {
            failures.add(exception);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    }

    static LocalApp start(Properties properties, Disturbance disturbance) throws InterruptedException {
        LocalApp app = new LocalApp(properties, disturbance);
        app.streams.start();
        app.awaitRunning();
        return app;
    }

    void awaitRunning() throws InterruptedException {
        KillTest.await("the application to run", () -> streams.state() == KafkaStreams.State.RUNNING);
    }

    /** Returns the failures of its threads so far. */
    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    int activeTasks() {
        return streams.metadataForLocalThreads().stream()
                .mapToInt(thread -> thread.activeTasks().size())
                .sum();
    }

    /** Returns the content of its active tasks. */
    StoreContents contents() {
        return StoreContents.read(streams, NumbersTopology.STORES);
    }

    /** Returns the content of its active and standby tasks. */
    StoreContents contentsWithStandbys() {
        return StoreContents.readWithStandbys(streams, NumbersTopology.STORES);
    }

    /** Closes the application and leaves the group. */
    @Override
    public void close() {
        streams.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                .withTimeout(Duration.ofSeconds(60)));
    }
}
