/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.cleanup.Pins.Pin;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.LiveRecords;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObsoleteFilesTest {

    /** Each record has its own file: five sealed files and an active one. */
    private static final int FILES = 6;

    private static final long ACTIVE = FILES;

    private final FaultyStorage storage = new FaultyStorage();
    private final Pins pins = new Pins();
    private final MemoryIndex index = new MemoryIndex();
    private VLog vlog;
    private SpaceLedger ledger;
    private SealedFiles sealed;
    private long firstStaged;
    private long firstNotReleased = Long.MAX_VALUE;
    private LongConsumer whenAsked = fileId -> {};

    @BeforeEach
    void fillFiles() throws IOException {
        vlog = VLog.open(storage, new VLogOptions(100, 0, 4, 0, ChecksumLevel.FULL), VLogTail.EMPTY, fileId -> true);
        for (int i = 1; i <= FILES; i++) {
            vlog.append(new byte[] {(byte) i}, new byte[80]);
        }
        assertThat(fileIds()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @AfterEach
    void close() {
        vlog.close();
    }

    @Test
    void filesWithoutALiveByteAreDeleted() throws IOException {
        assertThat(delete(withLiveFiles(1, 3), ACTIVE)).isEqualTo(3);
        assertThat(fileIds()).containsExactly(1L, 3L, ACTIVE);
    }

    @Test
    void theActiveFileIsNeverDeleted() throws IOException {
        delete(withLiveFiles(), ACTIVE + 10);
        assertThat(fileIds()).containsExactly(ACTIVE);
    }

    @Test
    void filesThatAStagedLocationMayNameStay() throws IOException {
        delete(withLiveFiles(), 3);
        assertThat(fileIds()).containsExactly(3L, 4L, 5L, ACTIVE);
    }

    /** Those of which the commit point knows need no write to the index, which may fail on a full disk. */
    @Test
    void aFileThatIsNotReleasedStaysAndTheOthersGo() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        firstNotReleased = 3;
        assertThatThrownBy(() -> delete(files, ACTIVE)).hasMessage("not released");
        assertThat(files.delete()).hasSize(2);
        assertThat(fileIds()).containsExactly(3L, 4L, 5L, ACTIVE);
        firstNotReleased = Long.MAX_VALUE;
        assertThat(delete(files, ACTIVE)).isEqualTo(3);
    }

    @Test
    void aPinnedFileStaysUntilThePinIsReleased() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        Pin pin = pins.take();
        assertThat(delete(files, ACTIVE)).isZero();
        assertThat(fileIds()).hasSize(FILES);
        pin.close();
        assertThat(delete(files, ACTIVE)).isEqualTo(FILES - 1);
    }

    @Test
    void aPinTakenAfterAFileWasRetiredDoesNotHoldIt() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        Pin first = pins.take();
        delete(files, ACTIVE);
        Pin second = pins.take();
        first.close();
        assertThat(delete(files, ACTIVE)).isEqualTo(FILES - 1);
        second.close();
    }

    @Test
    void aPinDoesNotHoldAFileThatIsYoungerThanItsSnapshot() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        Pin pin = pins.take();
        assertThat(delete(files, ACTIVE)).isZero();
        pin.snapshotTaken(3);
        assertThat(delete(files, ACTIVE)).isEqualTo(2);
        assertThat(fileIds()).containsExactly(1L, 2L, 3L, ACTIVE);
        pin.close();
        assertThat(delete(files, ACTIVE)).isEqualTo(3);
    }

    /** Otherwise each attempt would sync, and a writer would wait in vain. */
    @Test
    void aFileThatIsRefusedIsSetAside() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        storage.failCall(2, Operation.DELETE);
        assertThat(delete(files, ACTIVE)).isEqualTo(FILES - 2);
        assertThat(files.deletableBytes()).isZero();
        assertThat(files.retiredBytes()).isEqualTo(vlog.file(2).bytes());
        assertThat(files.refusedFiles()).isEqualTo(1);
        int syncs = index.syncs();
        assertThat(delete(files, ACTIVE)).isZero();
        storage.failCall(1, Operation.DELETE);
        assertThatThrownBy(files::deleteRefused)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("1 VLog files cannot be deleted");
        assertThat(fileIds()).containsExactly(2L, ACTIVE);
        assertThat(files.deleteRefused()).hasSize(1);
        assertThat(fileIds()).containsExactly(ACTIVE);
        assertThat(files.refusedFiles()).isZero();
        assertThat(files.retiredBytes()).isZero();
        assertThat(index.syncs()).as("it is on disk since the first try").isEqualTo(syncs);
    }

    @Test
    void aRefusedFileThatHasLiveBytesAgainStays() throws IOException {
        ObsoleteFiles files = withLiveFiles(1, 3, 4, 5);
        storage.failCall(1, Operation.DELETE);
        assertThat(delete(files, ACTIVE)).isZero();
        named(2);
        assertThat(files.deleteRefused()).isEmpty();
        assertThat(fileIds()).contains(2L);
        assertThat(files.retiredBytes()).isZero();
    }

    @Test
    void theIndexIsDurableBeforeAFileGoes() throws IOException {
        delete(withLiveFiles(1), ACTIVE);
        assertThat(index.syncs()).isEqualTo(1);
    }

    @Test
    void noFileGoesIfTheIndexCannotBeMadeDurable() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        index.failSyncs(true);
        assertThatThrownBy(() -> delete(files, ACTIVE)).isInstanceOf(IndexException.class);
        assertThat(fileIds()).hasSize(FILES);
        index.failSyncs(false);
        assertThat(delete(files, ACTIVE)).isEqualTo(FILES - 1);
    }

    @Test
    void nothingToDeleteDoesNotWaitForTheDisk() throws IOException {
        assertThat(delete(withLiveFiles(1, 2, 3, 4, 5), ACTIVE)).isZero();
        assertThat(index.syncs()).isZero();
    }

    @Test
    void aFileThatIsGoneIsNotDeletedAgain() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        delete(files, ACTIVE);
        assertThat(delete(files, ACTIVE)).isZero();
    }

    @Test
    void aFileThatHasLiveBytesAgainStaysUntilTheyAreGone() throws IOException {
        ObsoleteFiles files = withLiveFiles(1, 3);
        Pin pin = pins.take();
        assertThat(delete(files, ACTIVE)).isZero();
        named(2);
        pin.close();
        assertThat(delete(files, ACTIVE)).isEqualTo(2);
        assertThat(fileIds()).containsExactly(1L, 2L, 3L, ACTIVE);
        assertThat(files.retiredBytes()).isZero();
        forgotten(2);
        assertThat(delete(files, ACTIVE)).isEqualTo(1);
        assertThat(fileIds()).containsExactly(1L, 3L, ACTIVE);
    }

    /** Staged locations go into the index while files are looked at, and become live bytes. */
    @Test
    void aFileWhoseStagedRecordsAreCommittedOnlyNowIsNotTakenForEmpty() throws IOException {
        ObsoleteFiles files = withLiveFiles(1, 3);
        whenAsked = fileId -> {
            if (fileId == 4) {
                named(4);
            }
        };
        firstStaged = ACTIVE;
        sealed.refresh();
        files.retire(sealed);
        assertThat(files.retiredBytes())
                .isEqualTo(vlog.file(2).bytes() + vlog.file(5).bytes());
        assertThat(files.delete()).hasSize(2);
        assertThat(fileIds()).containsExactly(1L, 3L, 4L, ACTIVE);
    }

    private void named(long fileId) {
        SpaceLedger.Change change = ledger.newChange();
        change.replaced(null, record(fileId));
        change.applied();
    }

    private void forgotten(long fileId) {
        SpaceLedger.Change change = ledger.newChange();
        change.replaced(record(fileId), null);
        change.applied();
    }

    /** A record of 93 bytes. */
    private static Separated record(long fileId) {
        return new Separated(0, new ValuePointer(fileId, 31, 1, 80, 0));
    }

    /** Files are retired one after the other, while readers come and go. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theBytesHeldAreThoseOfTheFilesThatAPinIsOlderThan(long seed) throws IOException {
        Random random = new Random(seed);
        firstStaged = ACTIVE;
        ObsoleteFiles files = withLiveFiles(1, 2, 3, 4, 5);
        Map<Long, Long> retiredAt = new TreeMap<>();
        Map<Pin, Long> held = new LinkedHashMap<>();
        Map<Pin, Long> highest = new LinkedHashMap<>();
        long now = 0;
        for (int i = 0; i < 60; i++) {
            long fileId = 1L + random.nextInt(FILES - 1);
            if (random.nextInt(3) == 0) {
                held.put(pins.take(), now++);
            } else if (random.nextInt(3) == 0 && !held.isEmpty()) {
                Pin pin = List.copyOf(held.keySet()).get(random.nextInt(held.size()));
                if (!highest.containsKey(pin)) {
                    highest.put(pin, random.nextLong(FILES));
                    pin.snapshotTaken(highest.get(pin));
                }
            } else if (random.nextInt(3) == 0 && !held.isEmpty()) {
                Pin pin = List.copyOf(held.keySet()).get(random.nextInt(held.size()));
                held.remove(pin);
                pin.close();
            } else if (ledger.liveBytes(fileId) > 0) {
                forgotten(fileId);
                sealed.refresh();
                files.retire(sealed);
                retiredAt.put(fileId, now++);
            } else if (random.nextBoolean()) {
                files.delete();
                retiredAt.keySet().removeIf(id -> vlog.file(id) == null);
            }
            long fileBytes = 31 + 93;
            long pinned = retiredAt.entrySet().stream()
                    .filter(file -> held.entrySet().stream()
                            .anyMatch(pin -> pin.getValue() < file.getValue()
                                    && file.getKey() <= highest.getOrDefault(pin.getKey(), Long.MAX_VALUE)))
                    .count();
            assertThat(files.retiredBytes()).isEqualTo(retiredAt.size() * fileBytes);
            assertThat(files.pinnedBytes()).isEqualTo(pinned * fileBytes);
            assertThat(files.deletableBytes()).isEqualTo((retiredAt.size() - pinned) * fileBytes);
        }
    }

    private ObsoleteFiles withLiveFiles(long... fileIds) {
        TreeMap<Long, LiveRecords> live = new TreeMap<>();
        for (long fileId : fileIds) {
            live.put(fileId, new LiveRecords(93, Fingerprint.of(record(fileId))));
        }
        ledger = new SpaceLedger(live);
        sealed = new SealedFiles(vlog, ledger);
        return new ObsoleteFiles(vlog, index, ledger, pins, new StagedFrom());
    }

    /** How many files went, when staged writes name that one and all after it. */
    private int delete(ObsoleteFiles files, long stagedFrom) throws IOException {
        firstStaged = stagedFrom;
        sealed.refresh();
        files.retire(sealed);
        return files.delete().size();
    }

    /** A writer that only says which files are staged, and has to release those that are retired. */
    private final class StagedFrom implements StoreWriter {
        @Override
        public void sealObsoleteShortLived() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isStaged(long fileId) {
            whenAsked.accept(fileId);
            return fileId >= firstStaged;
        }

        @Override
        public void release(long fileId) throws IOException {
            if (fileId >= firstNotReleased) {
                throw new IOException("not released");
            }
        }

        @Override
        public boolean isCommitting() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void move(List<Move> moves) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Snapshot snapshot() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void indexIsLost(IOException cause) {
            throw new UnsupportedOperationException();
        }
    }

    private List<Long> fileIds() {
        return vlog.files().stream().map(VLogFileInfo::fileId).toList();
    }
}
