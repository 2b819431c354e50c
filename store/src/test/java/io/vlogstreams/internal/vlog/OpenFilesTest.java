/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.VLogFile.Contents;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Which idle files stay open; RealFilesTest tests their number, and that files in use stay open. */
class OpenFilesTest {

    private final FaultyStorage storage = new FaultyStorage(1);
    private final OpenFiles openFiles = new OpenFiles(storage, 3);

    @Test
    void theFileThatWasNotUsedSinceAnotherWasOpenedGoesFirst() throws IOException {
        VLogFile first = file(1);
        VLogFile second = file(2);
        VLogFile third = file(3);
        OpenFile openFirst = use(first);
        OpenFile openSecond = use(second);
        OpenFile openThird = use(third);
        assertThat(use(first)).isSameAs(openFirst);
        use(file(4));
        assertThat(use(first)).isSameAs(openFirst);
        assertThat(use(third)).isSameAs(openThird);
        assertThat(use(second)).as("opened again").isNotSameAs(openSecond);
    }

    @Test
    void aFileInUseStaysHoweverOldItsLastUseIs() throws IOException {
        VLogFile first = file(1);
        try (OpenFile open = openFiles.acquire(first)) {
            for (int fileId = 2; fileId < 9; fileId++) {
                use(file(fileId));
            }
            assertThat(use(first)).isSameAs(open);
        }
    }

    @Test
    void whenTheProcessMayOpenNoMoreFilesIdleOnesAreClosedForTheOneThatIsNeeded() throws IOException {
        use(file(1));
        use(file(2));
        try (OpenFile inUse = openFiles.acquire(file(3))) {
            VLogFile fourth = file(4);
            storage.failCall(1, FaultyStorage.Operation.OPEN);
            use(fourth);
            assertThat(storage.hasFailed()).isTrue();
            assertThat(storage.openFiles()).as("one in use, one just opened").isEqualTo(2);
            assertThat(inUse.isIdle()).isFalse();
        }
    }

    @Test
    void aFileThatCannotBeOpenedIsAnErrorWhenNoIdleOneIsInTheWay() throws IOException {
        VLogFile first = file(1);
        storage.failCall(1, FaultyStorage.Operation.OPEN);
        assertThatThrownBy(() -> use(first)).isInstanceOf(FaultyStorage.InjectedException.class);
    }

    private VLogFile file(long fileId) throws IOException {
        storage.create(FileName.of(fileId)).close();
        return new VLogFile(fileId, storage.location(), Contents.RECORDS, CompressionType.NONE, FileHeader.BYTES);
    }

    private OpenFile use(VLogFile file) throws IOException {
        try (OpenFile open = openFiles.acquire(file)) {
            return open;
        }
    }
}
