/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArgumentsTest {

    @Test
    void nothingTypedMeansTheDefaults() {
        var arguments = Arguments.parse();

        assertThat(arguments.folders()).isEmpty();
        assertThat(arguments.maxBytes()).isEqualTo(300 << 20);
        assertThat(arguments.maxRecordBytes()).isEqualTo(8 << 20);
        assertThat(arguments.bootstrapServers()).isEmpty();
        assertThat(arguments.stateDir()).isEmpty();
        assertThat(arguments.threads()).isEqualTo(2);
        assertThat(arguments.keep()).isFalse();
        assertThat(arguments.help()).isFalse();
    }

    @Test
    void everyArgumentIsUnderstood(@TempDir Path folder) {
        var arguments = Arguments.parse(
                "--folder",
                folder.toString(),
                "--max-bytes",
                "1g",
                "--max-record-bytes",
                "64k",
                "--threads",
                "4",
                "--bootstrap-servers",
                "kafka:9092",
                "--state-dir",
                "state",
                "--keep",
                "--help");

        assertThat(arguments.folders()).containsExactly(folder);
        assertThat(arguments.maxBytes()).isEqualTo(1 << 30);
        assertThat(arguments.maxRecordBytes()).isEqualTo(64 << 10);
        assertThat(arguments.threads()).isEqualTo(4);
        assertThat(arguments.bootstrapServers()).contains("kafka:9092");
        assertThat(arguments.stateDir()).contains(Path.of("state"));
        assertThat(arguments.keep()).isTrue();
        assertThat(arguments.help()).isTrue();
    }

    @Test
    void severalFoldersAreKeptInOrder(@TempDir Path first, @TempDir Path second) {
        assertThat(Arguments.parse("--folder", second.toString(), "--folder", first.toString())
                        .folders())
                .containsExactly(second, first);
    }

    @Test
    void anUnknownArgumentIsNamed() {
        assertRefused("Unknown argument '--fodler'", "--fodler", "x");
    }

    @Test
    void aMissingValueIsRefused() {
        assertRefused("--max-bytes needs a value", "--max-bytes");
        assertRefused("--max-bytes needs a value", "--max-bytes", "--keep");
    }

    @Test
    void aFolderThatDoesNotExistIsNamed() {
        assertRefused("--folder: there is no folder 'no/such/folder'", "--folder", "no/such/folder");
    }

    @Test
    void aSizeThatIsNoneIsNamed() {
        assertRefused("--max-bytes: 'lots' is not a size such as 4096, 64k, 300m or 2g", "--max-bytes", "lots");
        assertRefused("--max-bytes: '0' is not between 1 and", "--max-bytes", "0");
    }

    @Test
    void aRecordLimitOutOfRangeIsRefused() {
        assertRefused("--max-record-bytes: '33m' is not between 1024 and 33554432 bytes", "--max-record-bytes", "33m");
    }

    @Test
    void threadsAreOneToSixteen() {
        assertRefused("--threads: '0' is not between 1 and 16", "--threads", "0");
        assertRefused("--threads: '17' is not between 1 and 16", "--threads", "17");
        assertRefused("--threads: 'two' is not a number of threads", "--threads", "two");
    }

    private static void assertRefused(String message, String... args) {
        assertThatThrownBy(() -> Arguments.parse(args))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }
}
