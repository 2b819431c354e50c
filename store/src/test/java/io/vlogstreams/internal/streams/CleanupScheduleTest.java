/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.FakeStateStoreContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which processor of a task schedules the cleanup of which store, in all states of a task. */
class CleanupScheduleTest {

    private static final TaskId TASK = new TaskId(0, 0);

    @TempDir
    Path taskFolder;

    private final Map<String, Object> properties = new HashMap<>();
    private final Map<String, CountedCleanups> cleanups = new HashMap<>();
    private final Map<String, KeyValueStore<Bytes, byte[]>> stores = new HashMap<>();

    @AfterEach
    void closeStores() {
        stores.values().forEach(KeyValueStore::close);
    }

    private void open(String name) {
        CountedCleanups counted = cleanups.computeIfAbsent(name, CountedCleanups::new);
        KeyValueStore<Bytes, byte[]> store = stores.computeIfAbsent(name, key -> counted.get());
        store.init(new FakeStateStoreContext(taskFolder, properties), store);
    }

    /** Returns the context of a processor with these stores; it records the schedules of the task. */
    private MockProcessorContext<Void, Void> connectedTo(String... names) {
        MockProcessorContext<Void, Void> context = context(TASK);
        for (String name : names) {
            context.addStateStore(stores.get(name));
        }
        return context;
    }

    private MockProcessorContext<Void, Void> context(TaskId task) {
        return new MockProcessorContext<>(new Properties(), task, taskFolder.toFile());
    }

    private static CleaningProcessor<String, String, Void, Void> wrapped() {
        return new CleaningProcessor<>(new Silent());
    }

    private static class Silent extends ContextualProcessor<String, String, Void, Void> {
        @Override
        public void process(Record<String, String> record) {}
    }

    private static void punctuate(MockProcessorContext<?, ?> context) {
        live(context).forEach(punctuator -> punctuator.getPunctuator().punctuate(0));
    }

    private static List<CapturedPunctuator> live(MockProcessorContext<?, ?> context) {
        return context.scheduledPunctuators().stream()
                .filter(punctuator -> !punctuator.cancelled())
                .toList();
    }

    private int count(String store) {
        return cleanups.get(store).count();
    }

    @Test
    void aProcessorCleansUpTheStoresItIsConnectedTo() {
        open("a");
        open("b");
        open("c");
        MockProcessorContext<Void, Void> context = connectedTo("a", "c");
        wrapped().init(context);
        punctuate(context);
        assertThat(count("a")).isOne();
        assertThat(count("b")).isZero();
        assertThat(count("c")).isOne();
    }

    @Test
    void eachStoreHasItsInterval() {
        properties.put("vlog.cleanup.interval.ms", "30");
        properties.put("vlog.b.cleanup.interval.ms", "70");
        open("a");
        open("b");
        MockProcessorContext<Void, Void> context = connectedTo("a", "b");
        wrapped().init(context);
        assertThat(context.scheduledPunctuators())
                .extracting(CapturedPunctuator::getType)
                .containsOnly(PunctuationType.WALL_CLOCK_TIME);
        assertThat(context.scheduledPunctuators())
                .extracting(CapturedPunctuator::getInterval)
                .containsExactly(Duration.ofMillis(30), Duration.ofMillis(70));
    }

    @Test
    void aStoreOfManyProcessorsIsCleanedUpByTheFirst() {
        open("a");
        MockProcessorContext<Void, Void> context = connectedTo("a");
        for (int i = 0; i < 5; i++) {
            wrapped().init(context);
        }
        punctuate(context);
        assertThat(count("a")).isOne();
    }

    @Test
    void theProcessorsOfVLogCleanupCountAsWell() {
        open("a");
        MockProcessorContext<Void, Void> context = connectedTo("a");
        Processor<Void, Void, Void, Void> explicit = new CleanupProcessor<>(Set.of("a"));
        explicit.init(context);
        new CleanupProcessor<Void, Void>(Set.of()).init(context);
        wrapped().init(context);
        new CleaningProcessor<>(new CleanupProcessor<Void, Void>(Set.of())).init(context);
        punctuate(context);
        assertThat(count("a")).isOne();
    }

    @Test
    void aTaskThatIsSuspendedAndResumedHasOnePunctuatorAgain() {
        open("a");
        MockProcessorContext<Void, Void> context = connectedTo("a");
        CleaningProcessor<String, String, Void, Void> first = wrapped();
        CleaningProcessor<String, String, Void, Void> second = wrapped();
        for (int i = 0; i < 3; i++) {
            first.init(context);
            second.init(context);
            punctuate(context);
            assertThat(count("a")).isEqualTo(i + 1);
            first.close();
            second.close();
            assertThat(live(context)).isEmpty();
        }
    }

    @Test
    void soHasATaskWithVLogCleanup() {
        open("a");
        MockProcessorContext<Void, Void> context = connectedTo("a");
        Processor<Void, Void, Void, Void> explicit = new CleanupProcessor<>(Set.of("a"));
        explicit.init(context);
        explicit.close();
        assertThat(live(context)).isEmpty();
        explicit.init(context);
        assertThat(live(context)).hasSize(1);
    }

    @Test
    void aTaskThatIsRevivedHasOnePunctuatorAgain() {
        open("a");
        MockProcessorContext<Void, Void> context = connectedTo("a");
        CleaningProcessor<String, String, Void, Void> processor = wrapped();
        processor.init(context);
        processor.close();
        stores.get("a").close();
        open("a");
        processor.init(context);
        punctuate(context);
        assertThat(count("a")).isOne();
    }

    /**
     * If a processor cannot be opened, Kafka Streams closes the stores of the task but not the processors before it.
     */
    @Test
    void aStoreThatWasClosedBeforeItsProcessorsIsCleanedUpWhenItIsOpenAgain() {
        open("a");
        CleaningProcessor<String, String, Void, Void> neverClosed = wrapped();
        neverClosed.init(connectedTo("a"));
        stores.get("a").close();
        open("a");
        MockProcessorContext<Void, Void> context = connectedTo("a");
        wrapped().init(context);
        neverClosed.close();
        wrapped().init(context);
        punctuate(context);
        assertThat(count("a")).isOne();
    }

    @Test
    void aPunctuatorOfAClosedStoreDoesNothing() {
        open("a");
        MockProcessorContext<Void, Void> context = connectedTo("a");
        wrapped().init(context);
        stores.get("a").close();
        punctuate(context);
    }

    @Test
    void aProcessorWithoutAVLogStoreSchedulesNothing() {
        MockProcessorContext<Void, Void> context = connectedTo();
        wrapped().init(context);
        open("a");
        wrapped().init(context);
        assertThat(context.scheduledPunctuators()).isEmpty();
    }

    @Test
    void theProcessorOfAGlobalStoreSchedulesNothing() {
        open("a");
        MockProcessorContext<Void, Void> context = context(new TaskId(-1, -1));
        context.addStateStore(stores.get("a"));
        wrapped().init(context);
        assertThat(context.scheduledPunctuators()).isEmpty();
    }

    @Test
    void aProcessorThatCannotBeOpenedSchedulesNothing() {
        open("a");
        MockProcessorContext<Void, Void> context = connectedTo("a");
        Processor<String, String, Void, Void> failing = new CleaningProcessor<>(new Silent() {
            @Override
            public void init(ProcessorContext<Void, Void> ignored) {
                throw new StreamsException("not today");
            }
        });
        assertThatThrownBy(() -> failing.init(context)).hasMessage("not today");
        assertThat(context.scheduledPunctuators()).isEmpty();
        wrapped().init(context);
        assertThat(context.scheduledPunctuators()).hasSize(1);
    }

    @Test
    void aProcessorThatCannotBeClosedLeavesItsStoresAllTheSame() {
        open("a");
        MockProcessorContext<Void, Void> context = connectedTo("a");
        Processor<String, String, Void, Void> failing = new CleaningProcessor<>(new Silent() {
            @Override
            public void close() {
                throw new StreamsException("not today");
            }
        });
        failing.init(context);
        assertThatThrownBy(failing::close).hasMessage("not today");
        assertThat(live(context)).isEmpty();
        wrapped().init(context);
        assertThat(live(context)).hasSize(1);
    }
}
