/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.kill.NumbersTopology.Disturbance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

/**
 * Two instances in one process, with active and standby tasks of the same partitions: each store commits with the
 * transactions of the thread that writes to it, and with no other.
 */
class HandOverIT extends KillTest {

    private static final int ROUNDS = 3;

    @Test
    void tasksThatMoveBetweenTwoInstancesCountOnce() throws Exception {
        List<Integer> movedTasks = new ArrayList<>();
        input.flow();
        try (LocalApp first = LocalApp.start(instance("first"), Disturbance.NONE)) {
            for (int round = 1; round <= ROUNDS; round++) {
                try (LocalApp second = LocalApp.start(instance("second"), Disturbance.NONE)) {
                    TimeUnit.SECONDS.sleep(2);
                    movedTasks.add(second.activeTasks());
                    if (round == ROUNDS) {
                        verify(first, second);
                    }
                    assertThat(second.failures()).isEmpty();
                }
                input.flow();
                first.awaitRunning();
                TimeUnit.SECONDS.sleep(1);
            }
            drain();
            assertSame("changelog, one left", first.contents(), committed());
            assertSame("input, one left", first.contents(), input.expected());
            assertThat(first.failures()).isEmpty();
        }
        // A standby that has caught up becomes the new active task when its instance returns.
        assertThat(movedTasks).anyMatch(tasks -> tasks > 0);
    }

    private Properties instance(String stateFolder) {
        Properties properties = properties(EXACTLY_ONCE_V2, stateFolder);
        useClientSupplier(properties);
        properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, "1");
        return properties;
    }

    private void verify(LocalApp first, LocalApp second) throws InterruptedException {
        drain();
        StoreContents expected = input.expected();
        assertSame("changelog", committed(), expected);
        assertSame("both together", union(first.contents(), second.contents()), expected);
        await(
                "both to hold everything",
                () -> expected.equals(first.contentsWithStandbys()) && expected.equals(second.contentsWithStandbys()));
    }

    private static StoreContents union(StoreContents one, StoreContents other) {
        other.byStore().forEach((store, contents) -> {
            Map<String, Fingerprint> both = one.byStore().get(store);
            assertThat(both).doesNotContainKeys(contents.keySet().toArray(String[]::new));
            both.putAll(contents);
        });
        return one;
    }
}
