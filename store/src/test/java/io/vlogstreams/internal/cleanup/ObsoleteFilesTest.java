/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.cleanup.Pins.Pin;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.DirectoryStorage;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObsoleteFilesTest {

    /** Each record gets a file of its own: five sealed files and an active one. */
    private static final int FILES = 6;

    private static final long ACTIVE = FILES;

    @TempDir
    Path folder;

    private final Pins pins = new Pins();
    private final MemoryIndex index = new MemoryIndex();
    private VLog vlog;

    @BeforeEach
    void fillFiles() throws IOException {
        vlog = VLog.open(
                new DirectoryStorage(folder), new VLogOptions(100, 0, 4, 0, ChecksumLevel.FULL), VLogTail.EMPTY);
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
        assertThat(withLiveFiles(1, 3).delete(ACTIVE)).isEqualTo(3);
        assertThat(fileIds()).containsExactly(1L, 3L, ACTIVE);
    }

    @Test
    void theActiveFileIsNeverDeleted() throws IOException {
        withLiveFiles().delete(ACTIVE + 10);
        assertThat(fileIds()).containsExactly(ACTIVE);
    }

    @Test
    void filesThatAStagedLocationMayNameStay() throws IOException {
        withLiveFiles().delete(3);
        assertThat(fileIds()).containsExactly(3L, 4L, 5L, ACTIVE);
    }

    @Test
    void aPinnedFileStaysUntilThePinIsReleased() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        Pin pin = pins.take();
        assertThat(files.delete(ACTIVE)).isZero();
        assertThat(fileIds()).hasSize(FILES);
        pin.close();
        assertThat(files.delete(ACTIVE)).isEqualTo(FILES - 1);
    }

    @Test
    void aPinTakenAfterAFileWasRetiredDoesNotHoldIt() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        Pin first = pins.take();
        files.delete(ACTIVE);
        Pin second = pins.take();
        first.close();
        assertThat(files.delete(ACTIVE)).isEqualTo(FILES - 1);
        second.close();
    }

    @Test
    void theIndexIsDurableBeforeAFileGoes() throws IOException {
        withLiveFiles(1).delete(ACTIVE);
        assertThat(index.syncs()).isEqualTo(1);
    }

    @Test
    void noFileGoesIfTheIndexCannotBeMadeDurable() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        index.failSyncs(true);
        assertThatThrownBy(() -> files.delete(ACTIVE)).isInstanceOf(IndexException.class);
        assertThat(fileIds()).hasSize(FILES);
        index.failSyncs(false);
        assertThat(files.delete(ACTIVE)).isEqualTo(FILES - 1);
    }

    @Test
    void nothingToDeleteDoesNotWaitForTheDisk() throws IOException {
        assertThat(withLiveFiles(1, 2, 3, 4, 5).delete(ACTIVE)).isZero();
        assertThat(index.syncs()).isZero();
    }

    @Test
    void leftoversGoWhateverTheLedgerSays() throws IOException {
        ObsoleteFiles files = withLiveFiles(1, 2, 3, 4);
        files.retire(List.of(5L));
        assertThat(files.delete(1)).isEqualTo(1);
        assertThat(fileIds()).containsExactly(1L, 2L, 3L, 4L, ACTIVE);
    }

    @Test
    void aFileThatIsGoneIsNotDeletedAgain() throws IOException {
        ObsoleteFiles files = withLiveFiles();
        files.delete(ACTIVE);
        assertThat(files.delete(ACTIVE)).isZero();
    }

    private ObsoleteFiles withLiveFiles(long... fileIds) {
        TreeMap<Long, Long> liveBytes = new TreeMap<>(Map.of());
        for (long fileId : fileIds) {
            liveBytes.put(fileId, 93L);
        }
        return new ObsoleteFiles(vlog, index, new SpaceLedger(liveBytes), pins);
    }

    private List<Long> fileIds() {
        return vlog.files().stream().map(VLogFileInfo::fileId).toList();
    }
}
