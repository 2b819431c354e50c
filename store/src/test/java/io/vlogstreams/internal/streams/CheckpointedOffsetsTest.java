/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.CHANGELOG;
import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.KafkaOnClassPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Stores with a Kafka Streams that keeps the offsets in checkpoint files; runs with 4.0, 4.1 and 4.2. */
class CheckpointedOffsetsTest {

    @TempDir
    Path temp;

    private Path task;
    private TestKeyValueStore test;

    @AfterEach
    void close() {
        if (test != null) {
            test.close();
        }
    }

    private TestKeyValueStore store() {
        task = temp.resolve("task");
        test = TestKeyValueStore.in(task).with("application.id", "app");
        return test;
    }

    @SuppressWarnings("deprecation") // what Streams calls before 4.3
    private void flush() {
        test.store().flush();
    }

    /** Writes what Streams writes after it has called flush. */
    private void checkpoint(Path taskFolder, long offset) throws IOException {
        Files.createDirectories(taskFolder);
        Files.writeString(
                taskFolder.resolve(".checkpoint"),
                "0\n2\n" + CHANGELOG.topic() + " 0 " + offset + "\nother-changelog 0 7\n");
    }

    private static Long checkpointed(Path taskFolder) throws IOException {
        return new StreamsCheckpoint(taskFolder.toFile()).read().get(CHANGELOG.topic() + " 0");
    }

    private void commitTransaction(long offset) {
        ThreadTransaction.committed(Map.of(CHANGELOG, offset));
    }

    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void aFlushCommits() throws IOException {
        store().open().put("a", large("1"));
        flush();
        try (TestKeyValueStore survivor = test.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.all()).containsExactly("a=" + large("1"));
        }
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void aFlushDoesNothingWhereStreamsCommits() throws IOException {
        store().open().put("a", large("1"));
        flush();
        try (TestKeyValueStore survivor = test.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.all()).isEmpty();
            assertThat(checkpointed(temp.resolve("killed"))).isNull();
        }
    }

    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfTheLastTransactionIsHandedOverAfterAKill() throws IOException {
        store().exactlyOnce().open().put("a", large("1"));
        commitTransaction(5);
        test.put("a", large("uncommitted"));
        Path killed = temp.resolve("killed");
        try (TestKeyValueStore survivor = test.killed(killed).open()) {
            assertThat(checkpointed(killed)).isEqualTo(5);
            assertThat(survivor.all()).containsExactly("a=" + large("1"));
        }
    }

    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfTheLastRestoredBatchIsHandedOverAfterAKill() throws IOException {
        store().exactlyOnce().open().restore(0, "a", large("1"), "b", large("2"));
        flush();
        Path killed = temp.resolve("killed");
        try (TestKeyValueStore survivor = test.killed(killed).open()) {
            assertThat(checkpointed(killed)).isEqualTo(1);
            assertThat(survivor.all()).hasSize(2);
        }
    }

    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void entriesOfOtherStoresStay() throws IOException {
        store().exactlyOnce().open().put("a", large("1"));
        commitTransaction(5);
        Path killed = temp.resolve("killed");
        TestKeyValueStore left = test.killed(killed);
        checkpoint(killed, 3);
        try (TestKeyValueStore survivor = left.open()) {
            assertThat(checkpointed(killed)).isEqualTo(5);
            assertThat(Files.readAllLines(killed.resolve(".checkpoint"))).contains("2", "other-changelog 0 7");
            assertThat(survivor.all()).hasSize(1);
        }
    }

    /**
     * After a clean close the offset is the one that Streams wrote; when the next process is killed the file is gone.
     */
    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void theOffsetOfACleanCloseIsKeptForTheKillAfterIt() throws IOException {
        store().exactlyOnce().open().put("a", large("1"));
        ThreadTransaction.committed(Map.of());
        test.put("b", large("2"));
        flush();
        test.close();
        checkpoint(task, 9);
        test.open();
        assertThat(checkpointed(task)).isEqualTo(9);
        Files.delete(task.resolve(".checkpoint"));
        Path killed = temp.resolve("killed");
        try (TestKeyValueStore survivor = test.killed(killed).open()) {
            assertThat(checkpointed(killed)).isEqualTo(9);
            assertThat(survivor.all()).hasSize(2);
        }
    }

    /** Uncommitted writes are discarded; the store is restored as a whole, but its task is not wiped. */
    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void withoutTransactionsThatAreHeardOfTheStoreIsEmptiedAndSaysSo() throws IOException {
        store().exactlyOnce().open().restore(0, "a", large("1"));
        Files.delete(task.resolve(".checkpoint"));
        test.put("b", large("2"));
        flush();
        Path killed = temp.resolve("killed");
        try (TestKeyValueStore survivor = test.killed(killed).open()) {
            assertThat(survivor.all()).isEmpty();
            assertThat(checkpointed(killed)).isEqualTo(-4);
        }
    }

    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void aStoreThatWasNeverWrittenSaysThatItsOffsetIsUnknown() throws IOException {
        store().exactlyOnce().open();
        assertThat(checkpointed(task)).isEqualTo(-4);
    }

    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void aNewStoreDoesNotTakeOverTheOffsetOfAnother() throws IOException {
        store();
        checkpoint(task, 1000);
        test.open();
        assertThat(checkpointed(task)).isEqualTo(-4);
    }

    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void underAtLeastOnceTheOffsetOfStreamsStays() throws IOException {
        store().open().restore(0, "a", large("1"), "b", large("2"));
        test.put("c", large("3"));
        flush();
        checkpoint(task, 2);
        test.reopen();
        assertThat(checkpointed(task)).isEqualTo(2);
    }

    /** After a later Kafka Streams, which deleted the file. */
    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void anOffsetThatOnlyTheStoreKnowsIsHandedOver() throws IOException {
        store().open().put("a", large("1"));
        test.commit(11);
        test.reopen();
        assertThat(checkpointed(task)).isEqualTo(11);
    }

    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void aDamagedStoreThatWasEmptiedIsRestoredWhole() throws IOException {
        store().open().restore(0, "a", large("1"));
        test.put("b", large("2"));
        flush();
        test.close();
        checkpoint(task, 2);
        try (var files = Files.list(test.folder().resolve("vlog"))) {
            for (Path file : List.copyOf(files.toList())) {
                Files.delete(file);
            }
        }
        test.open();
        assertThat(test.all()).isEmpty();
        assertThat(checkpointed(task)).isEqualTo(-4);
    }

    @Test
    @DisabledIf(KafkaOnClassPath.IS_43)
    void aFileThatCannotBeReadIsNamed() throws IOException {
        store();
        Files.createDirectories(task);
        Files.writeString(task.resolve(".checkpoint"), "1\n0\n");
        assertThatThrownBy(test::open)
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining(".checkpoint")
                .hasMessageContaining("expected version 0")
                .hasMessageContaining("delete the file");
    }
}
