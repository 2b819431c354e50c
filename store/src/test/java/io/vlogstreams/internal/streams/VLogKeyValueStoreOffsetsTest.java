/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.CHANGELOG;
import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.KafkaOnClassPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The changelog offsets that Kafka Streams commits to a store and asks it for, and restoring from a changelog. */
class VLogKeyValueStoreOffsetsTest {

    private static final TopicPartition OTHER = new TopicPartition("app-documents-changelog", 1);

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @AfterEach
    void close() {
        if (test != null) {
            test.close();
        }
    }

    private TestKeyValueStore store() {
        return TestKeyValueStore.in(temp.resolve("task"));
    }

    private TestKeyValueStore written() {
        return written(store());
    }

    private TestKeyValueStore written(TestKeyValueStore store) {
        test = store.open();
        test.put("a", large("1"));
        return test;
    }

    private Long offsetOf(TopicPartition partition) {
        return test.store().committedOffset(partition);
    }

    @Test
    @SuppressWarnings("deprecation") // Streams still asks
    void itManagesItsOffsets() {
        test = store().create();
        assertThat(test.store().managesOffsets()).isTrue();
    }

    @Test
    void beforeTheFirstCommitThereIsNoOffset() {
        written();
        assertThat(test.committedOffset()).isNull();
    }

    @Test
    void theCommittedOffsetIsReturned() {
        written().commit(42);
        assertThat(test.committedOffset()).isEqualTo(42);
        assertThat(test.reopen().committedOffset()).isEqualTo(42);
    }

    @Test
    void theUnknownOffsetIsReturnedAsItCame() {
        written().commit(-4);
        assertThat(test.reopen().committedOffset()).isEqualTo(-4);
    }

    @Test
    void eachPartitionOfAGlobalStoreHasItsOwnOffset() {
        written(store().global()).store().commit(Map.of(CHANGELOG, 1L, OTHER, 2L));
        test.reopen();
        assertThat(offsetOf(CHANGELOG)).isEqualTo(1);
        assertThat(offsetOf(OTHER)).isEqualTo(2);
        assertThat(offsetOf(new TopicPartition("app-documents-changelog", 2))).isNull();
    }

    @Test
    void aCommitOfOnePartitionKeepsTheOthers() {
        written().store().commit(Map.of(CHANGELOG, 1L, OTHER, 2L));
        test.commit(3);
        assertThat(offsetOf(CHANGELOG)).isEqualTo(3);
        assertThat(offsetOf(OTHER)).isEqualTo(2);
    }

    @Test
    void aNullOffsetForgetsThatOfItsPartition() {
        written(store().global()).store().commit(Map.of(CHANGELOG, 1L, OTHER, 2L));
        Map<TopicPartition, Long> forget = new HashMap<>(Collections.singletonMap(CHANGELOG, null));
        test.store().commit(forget);
        test.reopen();
        assertThat(offsetOf(CHANGELOG)).isNull();
        assertThat(offsetOf(OTHER)).isEqualTo(2);
    }

    @Test
    void anEmptyMapForgetsAllOffsetsAndKeepsTheData() throws IOException {
        written().store().commit(Map.of(CHANGELOG, 1L, OTHER, 2L));
        test.put("b", "2");
        test.store().commit(Map.of());
        try (TestKeyValueStore survivor = test.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.committedOffset()).isNull();
            assertThat(survivor.store().committedOffset(OTHER)).isNull();
            assertThat(survivor.all()).containsExactly("a=" + large("1"), "b=2");
        }
    }

    /**
     * Like Streams with a corrupted task: under at-least-once it keeps the folder, and restores on top of its data.
     */
    @Test
    void aStoreWithAChangelogThatHasToForgetItsOffsetIsEmptiedWhenItIsClosed() {
        written().commit(42);
        test.reopen();
        assertThat(test.committedOffset()).isEqualTo(42);
        test.store().commit(Map.of());
        assertThat(test.get("a")).isEqualTo(large("1"));
        test.reopen();
        assertThat(test.committedOffset()).isNull();
        assertThat(test.all()).isEmpty();
    }

    @Test
    void aProcessThatDiesBeforeThatFindsItOutAgain() throws IOException {
        written().commit(42);
        test.reopen();
        assertThat(test.committedOffset()).isEqualTo(42);
        test.store().commit(Map.of());
        try (TestKeyValueStore survivor = test.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.committedOffset()).isEqualTo(42);
        }
    }

    @Test
    void aStoreThatIsGivenUpBeforeItsFirstCommitIsEmptiedToo() {
        written();
        assertThat(test.committedOffset()).isNull();
        test.store().commit(Map.of());
        assertThat(test.reopen().all()).isEmpty();
    }

    /** For example with the folder of another application, or of another partition. */
    @Test
    void aStoreThatWasFilledFromAnotherChangelogIsEmptied() {
        written().commit(42);
        test.reopen();
        assertThat(offsetOf(new TopicPartition("other-documents-changelog", 0))).isNull();
        assertThat(test.all()).isEmpty();
        test.restore(0, "b", "1");
        test.commit(0);
        assertThat(test.reopen().committedOffset()).isZero();
        assertThat(test.all()).containsExactly("b=1");
    }

    /** Its changelog is new, so it could not be restored from it. */
    @Test
    void aStoreThatHadNoChangelogKeepsWhatItHolds() {
        written().store().commit(Map.of());
        test.reopen();
        assertThat(test.committedOffset()).isNull();
        assertThat(test.all()).containsExactly("a=" + large("1"));
    }

    @Test
    void aCommitToAClosedStoreDoesNothing() {
        written().commit(1);
        test.close();
        test.commit(2);
        assertThat(test.open().committedOffset()).isEqualTo(1);
    }

    /** The offset comes from a legacy .checkpoint file of an earlier store of this name. */
    @Test
    void anOffsetForAStoreThatWasNeverWrittenIsRefused() {
        test = store().open();
        test.commit(1000);
        assertThat(test.committedOffset()).isNull();
    }

    /** Streams commits the next position to read even if the topic is empty. */
    @Test
    void anOffsetForAGlobalStoreWhoseTopicIsEmptyIsTaken() {
        test = store().global().open();
        test.commit(0);
        assertThat(test.committedOffset()).isZero();
        test.commit(500);
        assertThat(test.reopen().committedOffset()).isEqualTo(500);
    }

    @ParameterizedTest
    @CsvSource({"0, 41", "0, 0", "43, 50", "43, 43"})
    void aGlobalStoreWhoseTopicDoesNotReachItsOffsetIsEmptied(long beginning, long end) {
        written(store().global()).commit(42);
        learn(beginning, end);
        test.reopen();
        assertThat(test.committedOffset()).isNull();
        assertThat(test.all()).isEmpty();
    }

    @Test
    void aGlobalStoreKeepsWhatItsTopicReaches() {
        written(store().global()).commit(42);
        learn(42, 42);
        assertThat(test.reopen().all()).hasSize(1);
        learn(0, 42);
        assertThat(test.reopen().all()).hasSize(1);
        learn(0, 100);
        assertThat(test.reopen().committedOffset()).isEqualTo(42);
    }

    /** Lets the thread learn a range, as when Streams registers a global store. */
    private static void learn(long beginning, long end) {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
        consumer.updateBeginningOffsets(Map.of(CHANGELOG, beginning));
        consumer.updateEndOffsets(Map.of(CHANGELOG, end));
        assertThat(TopicRanges.learnedFrom(consumer).endOffsets(List.of(CHANGELOG)))
                .isEqualTo(Map.of(CHANGELOG, end));
    }

    @Test
    void theOffsetOfACheckpointFileBesideAGlobalStoreOfAnotherKindIsRefused() throws IOException {
        Files.createDirectories(temp.resolve("task").resolve("rocksdb").resolve("documents"));
        Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test = store().global().open();
        test.commit(1000);
        assertThat(test.committedOffset()).isNull();
    }

    @Test
    void itIsStillRefusedAfterReopening() {
        test = store().open();
        test.commit(1000);
        test.reopen();
        assertThat(test.committedOffset()).isNull();
        test.commit(1000);
        assertThat(test.committedOffset()).isNull();
        assertThat(test.reopen().committedOffset()).isNull();
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfACheckpointFileBesideAStoreOfAnotherKindIsRefused() throws IOException {
        Files.createDirectories(temp.resolve("task").resolve("rocksdb").resolve("documents"));
        Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test = store().open();
        test.commit(1000);
        assertThat(test.committedOffset()).isNull();
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfACheckpointFileThatStandsAloneIsTaken() throws IOException {
        Files.createDirectories(temp.resolve("task"));
        Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test = store().open();
        test.commit(1000);
        assertThat(test.reopen().committedOffset()).isEqualTo(1000);
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theOffsetThatWasTakenStaysWhenTheCheckpointFileIsGone() throws IOException {
        Files.createDirectories(temp.resolve("task"));
        Path checkpoint = Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test = store().open();
        test.commit(1000);
        Files.delete(checkpoint);
        test.commit(1000);
        assertThat(test.reopen().committedOffset()).isEqualTo(1000);
        test.commit(1001);
        assertThat(test.committedOffset()).isNull();
    }

    /** With {@code upgrade.from} Streams writes such a file whenever it closes the task. */
    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfACheckpointFileIsRefusedWhenAStoreOfOursWasDeleted() throws IOException {
        Files.createDirectories(temp.resolve("task").resolve("vlog"));
        Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test = store().open();
        test.commit(1000);
        assertThat(test.committedOffset()).isNull();
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfACheckpointFileIsRefusedWhenAllStoresWereDeleted() throws IOException {
        Files.createDirectories(temp.resolve("task"));
        Path application = Files.writeString(temp.resolve("kafka-streams-process-metadata"), "");
        Path checkpoint = Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        Files.setLastModifiedTime(application, FileTime.fromMillis(1_000_000));
        test = store().open();
        test.commit(1000);
        assertThat(test.committedOffset()).isNull();
        test.close();

        Utils.delete(temp.resolve("task").resolve("vlog").toFile());
        Files.setLastModifiedTime(checkpoint, FileTime.fromMillis(1_000_000));
        test = store().open();
        test.commit(1000);
        assertThat(test.committedOffset())
                .as("put there before the application had a folder")
                .isEqualTo(1000);
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfACheckpointFileIsRefusedWhenStreamsWritesSuchFiles() throws IOException {
        Files.createDirectories(temp.resolve("task"));
        Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test = store().with(StreamsConfig.UPGRADE_FROM_CONFIG, "4.2").open();
        test.commit(1000);
        assertThat(test.committedOffset()).isNull();
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfACheckpointFileIsRefusedByAStoreThatWasEmptied() throws IOException {
        written().commit(42);
        test.reopen();
        assertThat(test.committedOffset()).isEqualTo(42);
        test.store().commit(Map.of());
        test.close();
        Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test.open().commit(42);
        assertThat(test.committedOffset()).isNull();
    }

    /** As in Kafka's tests: the application has run before, and Streams has left the offset unknown. */
    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfACheckpointFileIsTakenByAStoreThatNeverHeldAnything() throws IOException {
        test = store().open();
        test.commit(-4);
        test.close();
        Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test.open().commit(1000);
        assertThat(test.reopen().committedOffset()).isEqualTo(1000);
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfACheckpointFileThatStreamsMayHaveWrittenIsNotTakenByIt() throws IOException {
        test = store().with(StreamsConfig.UPGRADE_FROM_CONFIG, "4.2").open();
        test.commit(-4);
        test.close();
        Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test.open().commit(1000);
        assertThat(test.committedOffset()).isNull();
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void norByAStoreUnderExactlyOnceThatWasEmptied() throws IOException {
        test = store().exactlyOnce().open();
        test.restore(0, "small", "1");
        test.commit(0);
        test.reopen();
        assertThat(test.committedOffset()).isZero();
        test.store().commit(Map.of());
        test.close();
        Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test.open();
        assertThat(test.committedOffset()).isEqualTo(-4);
        test.reopen().commit(1000);
        assertThat(test.committedOffset()).isNull();
    }

    /** The store's folder is a backup, or its last commits were lost by a power failure. */
    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void anOffsetOfACheckpointFileBeyondThatOfTheStoreIsNotTaken() throws IOException {
        written().commit(42);
        test.close();
        Path checkpoint = Files.writeString(temp.resolve("task").resolve(".checkpoint"), "");
        test.open().commit(1000);
        assertThat(test.committedOffset()).isEqualTo(42);
        test.close();
        test.open().commit(41);
        assertThat(test.committedOffset()).as("restoring more does no harm").isEqualTo(41);

        test.put("b", "2");
        test.commit(1000);
        assertThat(test.committedOffset()).as("the store has come there itself").isEqualTo(1000);
        Files.delete(checkpoint);
    }

    @Test
    void theUnknownOffsetIsAcceptedByAStoreThatWasNeverWritten() {
        test = store().open();
        test.commit(-4);
        assertThat(test.reopen().committedOffset()).isEqualTo(-4);
    }

    @Test
    void anOffsetIsAcceptedAfterAPut() {
        test = store().open();
        test.commit(1000);
        test.put("a", "1");
        test.commit(7);
        assertThat(test.committedOffset()).isEqualTo(7);
    }

    @Test
    void anOffsetIsAcceptedAfterADeleteOfNothing() {
        test = store().open();
        test.put("a", null);
        test.commit(7);
        assertThat(test.reopen().committedOffset()).isEqualTo(7);
    }

    @Test
    void anOffsetIsAcceptedAfterRestoring() {
        test = store().open();
        test.restore(5, "a", null);
        test.commit(7);
        assertThat(test.reopen().committedOffset()).isEqualTo(7);
    }

    @Test
    void anOffsetIsAcceptedByAStoreThatWasWrittenInAnEarlierLife() {
        written().store().commit(Map.of());
        test.reopen();
        test.commit(7);
        assertThat(test.committedOffset()).isEqualTo(7);
    }

    @Test
    void restoredRecordsAreReadAndTombstonesDelete() {
        test = store().open();
        test.restore(0, "a", large("1"), "b", "1", "c", large("1"));
        test.restore(3, "a", large("2"), "b", null);
        assertThat(test.all()).containsExactly("a=" + large("2"), "c=" + large("1"));
    }

    @Test
    void aRestoredBatchIsCommittedWithItsLastOffset() throws IOException {
        test = store().exactlyOnce().open();
        test.restore(10, "a", large("1"), "b", "1", "a", large("2"));
        assertThat(test.committedOffset()).isEqualTo(12);
        test.commit(12);
        try (TestKeyValueStore survivor = test.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.committedOffset()).isEqualTo(12);
            assertThat(survivor.all()).containsExactly("a=" + large("2"), "b=1");
        }
    }

    @Test
    void anEmptyBatchChangesNothing() {
        test = store().open();
        test.context().restore(List.of());
        assertThat(test.committedOffset()).isNull();
        test.commit(9);
        assertThat(test.committedOffset()).as("nothing was restored").isNull();
    }

    @Test
    void restoringTheSameRecordsAgainChangesNothing() {
        test = store().open();
        String[] records = {"a", large("1"), "b", null, "a", large("2"), "c", "1"};
        test.restore(0, records);
        List<String> once = test.all();
        test.restore(0, records);
        assertThat(test.all()).isEqualTo(once);
    }
}
