/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.FolderOfOpenStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** Kafka's RocksDB store and ours, one after the other in the same task under the same name. */
class OtherKindsTest {

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @AfterEach
    void close() {
        if (test != null) {
            test.close();
        }
    }

    private Path task() {
        return temp.resolve("task");
    }

    private Path neighbour() {
        return task().resolve("rocksdb").resolve(TestKeyValueStore.NAME);
    }

    /** Opens and closes Kafka's store. */
    private void useNeighbour() throws IOException, RocksDBException {
        Files.createDirectories(neighbour());
        RocksDB.open(neighbour().toString()).close();
    }

    private void fill() {
        test = TestKeyValueStore.in(task()).open();
        test.put("a", large("1"));
        test.commit(42);
        test.close();
    }

    private void assertBelieved() {
        test.open();
        assertThat(test.committedOffset()).isEqualTo(42);
        assertThat(test.all()).containsExactly("a=" + large("1"));
        test.close();
    }

    private void assertEmptied() {
        test.open();
        assertThat(test.committedOffset()).isNull();
        assertThat(test.all()).isEmpty();
        test.restore(0, "b", "1");
        test.commit(50);
        test.reopen();
        assertThat(test.committedOffset())
                .as("the other kind was not used again")
                .isEqualTo(50);
        assertThat(test.all()).containsExactly("b=1");
    }

    @Test
    void aStoreThatCameAfterTheOtherIsBelieved() throws Exception {
        useNeighbour();
        fill();
        assertBelieved();
        assertBelieved();
    }

    @Test
    void aStoreThatAnotherCameAfterIsEmptied() throws Exception {
        fill();
        useNeighbour();
        assertEmptied();
    }

    @Test
    void aStoreIsEmptiedWhenTheOtherWasUsedAgain() throws Exception {
        useNeighbour();
        fill();
        useNeighbour();
        assertEmptied();
    }

    @Test
    void underExactlyOnceStreamsIsToldToRestoreThisStoreAlone() throws Exception {
        test = TestKeyValueStore.in(task()).exactlyOnce().open();
        test.restore(0, "a", "1");
        test.commit(42);
        test.close();
        useNeighbour();
        test.open();
        assertThat(test.committedOffset()).isEqualTo(-4);
        assertThat(test.all()).isEmpty();
    }

    @Test
    void aGlobalStoreIsEmptiedToo() throws Exception {
        test = TestKeyValueStore.in(task()).global().open();
        test.put("a", large("1"));
        test.commit(42);
        test.close();
        useNeighbour();
        assertThat(test.open().committedOffset()).isNull();
        assertThat(test.all()).isEmpty();
    }

    @Test
    void whenTheOtherIsDeletedNothingHappens() throws Exception {
        useNeighbour();
        fill();
        Utils.delete(neighbour().toFile());
        assertBelieved();
    }

    /** In a copy all file times are new, in any order. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCopiedTaskIsBelieved(boolean neighbourIsYounger) throws Exception {
        useNeighbour();
        fill();
        Path copy = temp.resolve("copy");
        new FolderOfOpenStore(task()).copyTo(copy);
        Path younger = neighbourIsYounger ? copy.resolve("rocksdb") : copy.resolve("vlog");
        try (Stream<Path> files = Files.walk(younger)) {
            for (Path each : files.toList()) {
                Files.setLastModifiedTime(each, FileTime.fromMillis(System.currentTimeMillis() + 100_000));
            }
        }
        test = TestKeyValueStore.in(copy);
        assertBelieved();
    }

    @Test
    void foldersThatAreNoStoresDoNotMatter() throws Exception {
        fill();
        Files.createDirectories(neighbour());
        Files.createDirectories(task().resolve("rocksdb").resolve("another"));
        Files.writeString(task().resolve(".lock"), "");
        assertBelieved();
    }

    /** Without a changelog it could not be restored. */
    @Test
    void aStoreWithoutChangelogKeepsWhatItHolds() throws Exception {
        test = TestKeyValueStore.in(task()).open();
        test.put("a", large("1"));
        test.store().commit(Map.of());
        test.close();
        useNeighbour();
        assertThat(test.open().all()).containsExactly("a=" + large("1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2\n", "1\nrocksdb", "1\n\tx\n", "\u0000\n"})
    void whatWasSeenIsNotBelievedIfItsFileIsDamaged(String content) throws Exception {
        useNeighbour();
        fill();
        Files.writeString(test.folder().resolve("others"), content);
        assertEmptied();
    }

    @Test
    void aFileThatIsNoTextIsDamagedToo() throws Exception {
        useNeighbour();
        fill();
        Files.write(test.folder().resolve("others"), new byte[] {'1', '\n', (byte) 0xFF, (byte) 0xFE});
        assertEmptied();
    }

    @Test
    void theFileIsAsDocumented() throws Exception {
        useNeighbour();
        fill();
        String current = Files.readString(neighbour().resolve("CURRENT")).strip();
        assertThat(current).startsWith("MANIFEST-");
        assertThat(Files.readString(test.folder().resolve("others"))).isEqualTo("1\nrocksdb\t" + current + "\n");
    }

    @Test
    void withoutOthersThereIsNoFile() {
        fill();
        assertThat(test.folder().resolve("others")).doesNotExist();
    }
}
