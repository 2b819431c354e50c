/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreOnDiskTest {
    @TempDir
    private Path applicationDir;

    @Test
    void vlogAndIndexAreMeasuredOverAllTasksAndStores() throws IOException {
        write("0_0/vlog/documents/vlog/00000000000000000001.vlog", 100);
        write("0_1/vlog/documents/vlog/00000000000000000001.vlog", 200);
        write("0_1/vlog/revisions/index/000004.log", 7);
        write("0_0/.lock", 1);
        write("kafka-streams-process-metadata", 50);

        var disk = StoreOnDisk.measure(applicationDir);

        assertThat(disk.vlogFiles()).hasSize(2);
        assertThat(disk.vlogBytes()).isEqualTo(300);
        assertThat(disk.indexBytes()).isEqualTo(7);
        assertThat(disk.bytes()).isEqualTo(307);
    }

    @Test
    void filesThatWentAreCountedAndNewOnesAreNot() throws IOException {
        var first = write("0_0/vlog/documents/vlog/00000000000000000001.vlog", 1);
        write("0_0/vlog/documents/vlog/00000000000000000002.vlog", 1);
        var before = StoreOnDisk.measure(applicationDir);

        Files.delete(first);
        write("0_0/vlog/documents/vlog/00000000000000000003.vlog", 1);

        assertThat(before.filesGoneIn(StoreOnDisk.measure(applicationDir))).isEqualTo(1);
    }

    @Test
    void stateThatIsNotThereIsEmpty() {
        assertThat(StoreOnDisk.measure(applicationDir.resolve("gone")).bytes()).isZero();
    }

    private Path write(String name, int length) throws IOException {
        var file = applicationDir.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, new byte[length]);
    }
}
