/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.NO_POSITION;
import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.index.CommitPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged VLog files; invariant 7. */
class StoreEngineDamageTest {

    /** The size of a VLog file's header, and so the offset of its first record. */
    private static final int FIRST_RECORD = 31;

    private static final long SEALED = 1;
    private static final long ACTIVE = 2;

    @TempDir
    Path temp;

    private TestStore store;

    /** Key a is in a sealed file, key b in the active one. */
    @BeforeEach
    void fill() throws IOException {
        store = TestStore.in(temp.resolve("store")).maxFile(150).open();
        store.put("a", large("1"));
        store.put("b", large("2"));
        store.put("c", "inline");
        store.commit(5);
        assertThat(store.fileIds()).containsExactly(SEALED, ACTIVE);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void everyDamagedByteOfARecordIsAnErrorThatNamesKeyFileAndOffset() throws IOException {
        Path file = store.file(SEALED);
        byte[] whole = Files.readAllBytes(file);
        for (int i = FIRST_RECORD; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x10;
            Files.write(file, damaged);
            assertThatThrownBy(() -> store.get("a"))
                    .as("byte %s", i)
                    .isInstanceOf(StoreDamagedException.class)
                    .hasMessageContaining("store")
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("offset " + FIRST_RECORD)
                    .hasMessageContaining("key 0x61");
        }
        Files.write(file, whole);
        assertThat(store.get("a")).isEqualTo(large("1"));
    }

    @Test
    void aScanMeetsTheSameErrorAndCanGoOnBehindIt() throws IOException {
        flip(SEALED, FIRST_RECORD + 40);
        try (StoreScan scan = store.scan()) {
            assertThatThrownBy(scan::value).isInstanceOf(StoreDamagedException.class);
            scan.advance();
            assertThat(TestStore.text(scan.value())).isEqualTo(large("2"));
        }
    }

    @Test
    void aDamagedRecordDoesNotHurtTheOthers() throws IOException {
        flip(SEALED, FIRST_RECORD + 40);
        assertThat(store.get("b")).isEqualTo(large("2"));
        assertThat(store.get("c")).isEqualTo("inline");
        store.put("a", large("new"));
        store.commit(6);
        assertThat(store.get("a")).isEqualTo(large("new"));
    }

    @Test
    void aSealedFileThatIsCutIsAnErrorWhenItIsRead() throws IOException {
        store.close();
        cut(SEALED, 1);
        store.open();
        assertThatThrownBy(() -> store.get("a")).isInstanceOf(StoreDamagedException.class);
        assertThat(store.get("b")).isEqualTo(large("2"));
    }

    @Test
    void aFileThatIsDeletedWhileTheStoreIsOpenIsAnError() throws IOException {
        store.reopen(); // so that it is not open
        Files.delete(store.file(SEALED));
        assertThatThrownBy(() -> store.get("a"))
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining(store.file(SEALED).toString());
        try (StoreScan scan = store.scan()) {
            assertThatThrownBy(scan::value).isInstanceOf(StoreDamagedException.class);
        }
    }

    @Test
    void aStoreWithOffsetsAndWithoutItsActiveFileIsEmptied() throws IOException {
        store.close();
        Files.delete(store.file(ACTIVE));
        assertIsEmptied();
    }

    @Test
    void aStoreWithOffsetsAndWithoutASealedFileIsEmptied() throws IOException {
        store.close();
        Files.delete(store.file(SEALED));
        assertIsEmptied();
    }

    @Test
    void aStoreWithOffsetsAndWithoutAnyFileIsEmptied() throws IOException {
        store.close();
        Files.delete(store.file(SEALED));
        Files.delete(store.file(ACTIVE));
        assertIsEmptied();
    }

    @Test
    void aStoreWithOffsetsWhoseActiveFileLostItsLastByteIsEmptied() throws IOException {
        store.close();
        cut(ACTIVE, 1);
        assertIsEmptied();
    }

    @Test
    void aStoreWithOffsetsAndADamagedHeaderIsEmptied() throws IOException {
        store.close();
        flip(SEALED, 0);
        assertIsEmptied();
    }

    private void assertIsEmptied() throws IOException {
        store.open();
        assertThat(store.contents()).isEmpty();
        assertThat(store.engine().commitPoint().offsets()).isEmpty();
        assertThat(store.engine().written()).isFalse();
        store.checkLiveBytes("emptied");
        // The store is restored from the changelog, in files with new ids, and the old ones are deleted.
        store.put("a", large("1"));
        store.commit(1);
        assertThat(store.fileIds()).containsExactly(ACTIVE + 1);
        store.reopen();
        assertThat(store.contents()).containsExactly(Map.entry("a", large("1")));
    }

    /** Without any offset Streams would wipe the other stores of the task, too. */
    @Test
    void underExactlyOnceAnEmptiedStoreSaysThatItsOffsetIsUnknown() throws IOException {
        store.close();
        Files.delete(store.file(SEALED));
        store.exactlyOnce().open();
        assertThat(store.contents()).isEmpty();
        assertThat(store.committedOffset()).isEqualTo(CommitPoint.UNKNOWN_OFFSET);
        store.reopen();
        assertThat(store.committedOffset()).isEqualTo(CommitPoint.UNKNOWN_OFFSET);
    }

    @Test
    void anEmptiedStoreIsStillEmptyAfterACrash() throws IOException {
        store.close();
        Files.delete(store.file(SEALED));
        store.open();
        try (TestStore survivor = store.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.contents()).isEmpty();
            assertThat(survivor.committedOffset()).isNull();
        }
    }

    @Test
    void aStoreWithoutOffsetsAndWithoutAFileIsRefusedAndLeftAsItIs() throws IOException {
        store.engine().commit(Map.of(), NO_POSITION);
        store.close();
        byte[] sealed = Files.readAllBytes(store.file(SEALED));
        Files.delete(store.file(SEALED));
        assertThatThrownBy(store::open)
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining(store.vlogFolder().toString());
        assertThat(store.fileIds()).containsExactly(ACTIVE);
        Files.write(store.file(SEALED), sealed);
        store.open();
        assertThat(store.contents()).containsOnlyKeys("a", "b", "c");
    }

    @Test
    void aStoreWithoutOffsetsAndWithACutActiveFileIsRefused() throws IOException {
        store.engine().commit(Map.of(), NO_POSITION);
        store.close();
        cut(ACTIVE, 1);
        assertThatThrownBy(store::open).isInstanceOf(StoreDamagedException.class);
        assertThatThrownBy(store::open).isInstanceOf(StoreDamagedException.class);
    }

    @Test
    void aMissingFileWithoutLiveBytesDoesNotMatter() throws IOException {
        try (StoreScan holding = store.scan()) {
            store.delete("a");
            store.commit(6);
            assertThat(holding.isValid()).isTrue();
            TestStore survivor = store.killed(temp.resolve("killed"));
            Files.delete(survivor.file(SEALED));
            survivor.open();
            assertThat(survivor.contents()).containsOnlyKeys("b", "c");
            survivor.close();
        }
    }

    @Test
    void filesOfOtherNamesAreLeftAlone() throws IOException {
        store.close();
        Path note = Files.writeString(store.vlogFolder().resolve("README"), "not ours");
        store.open();
        store.put("a", large("2"));
        store.put("b", large("3"));
        store.commit(6);
        assertThat(note).exists();
        Files.delete(note);
        assertThat(store.contents().keySet()).containsExactlyElementsOf(List.of("a", "b", "c"));
    }

    private void flip(long fileId, int offset) throws IOException {
        byte[] bytes = Files.readAllBytes(store.file(fileId));
        bytes[offset] ^= 1;
        Files.write(store.file(fileId), bytes);
    }

    private void cut(long fileId, int byBytes) throws IOException {
        byte[] bytes = Files.readAllBytes(store.file(fileId));
        Files.write(store.file(fileId), Arrays.copyOf(bytes, bytes.length - byBytes));
    }
}
