/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vlogstreams.KafkaOnClassPath;
import io.vlogstreams.VLogConfig;
import io.vlogstreams.VLogStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.TopologyException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Foreign files in the folder of a store are neither read nor written, and the error describes them.
 */
class ForeignFilesTest {

    private static final String VALUE = "a value that goes to the VLog";

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @BeforeEach
    void aStoreWithAValue() {
        test = TestKeyValueStore.in(temp.resolve("task")).open();
        test.put("a", VALUE);
        test.commit(1);
        test.close();
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void aLinkInThePlaceOfTheReserveIsNeitherCutNorWritten() throws IOException {
        Path target = Files.writeString(temp.resolve("precious"), "precious");
        Path link = Files.createSymbolicLink(vlog("reserve"), target);
        assertIsRefused(link, "a symbolic link", "a regular file");
        assertThat(target).hasContent("precious");
    }

    @Test
    void aLinkThatComesInThePlaceOfTheReserveIsNotWritten() throws IOException {
        Path target = Files.writeString(temp.resolve("precious"), "precious");
        test.with(VLogConfig.SPACE_AMPLIFICATION_MAX, 1.1).open();
        Files.createSymbolicLink(vlog("reserve"), target);
        for (int i = 0; i < 3000; i++) {
            test.put("key" + i % 300, VALUE + i);
            if (i % 100 == 0) {
                test.commit(i);
            }
        }
        test.close();
        assertThat(target).hasContent("precious");
    }

    @Test
    void aLinkInThePlaceOfAVLogFileIsNotFollowed() throws IOException {
        Path file = vlog("00000000000000000001.vlog");
        Path moved = Files.move(file, temp.resolve("moved"));
        Files.createSymbolicLink(file, moved);
        assertIsRefused(file, "a symbolic link", "a regular file");
        Files.delete(file);
        Files.move(moved, file);
        assertOpens();
    }

    @Test
    void aLinkUnderAFreeIdIsNotFollowed() throws IOException {
        Path target = Files.writeString(temp.resolve("precious"), "precious");
        Path link = Files.createSymbolicLink(vlog("00000000000000000002.vlog"), target);
        assertIsRefused(link, "a symbolic link", "a regular file");
        Files.delete(link);
        test.open();
        Files.createSymbolicLink(link, target);
        assertThatThrownBy(() -> putUntilThereIsANewFile())
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining(link.toString())
                .hasMessageContaining("move it away");
        assertThat(target).hasContent("precious");
        assertThat(link).isSymbolicLink();
        putUntilThereIsANewFile();
    }

    @Test
    void aDirectoryInThePlaceOfAVLogFileIsNamed() throws IOException {
        Path directory = Files.createDirectory(vlog("00000000000000000007.vlog"));
        assertIsRefused(directory, "a directory", "a regular file");
        Files.delete(directory);
        assertOpens();
    }

    @Test
    void aPipeInThePlaceOfAVLogFileIsNotWaitedFor() throws Exception {
        Path pipe = vlog("00000000000000000007.vlog");
        assumeTrue(makePipe(pipe), "there is mkfifo");
        assertIsRefused(pipe, "a pipe, a device or another special file", "a regular file");
    }

    private static boolean makePipe(Path pipe) throws InterruptedException {
        try {
            return new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aFileThatMayNotBeReadIsNamed() throws IOException {
        Path file = vlog("00000000000000000001.vlog");
        assumeTrue(file.toFile().setReadable(false) && !Files.isReadable(file), "rights are heeded");
        assertThatThrownBy(test::open)
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("may not read and write it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "documents", "documents/index", "documents/vlog"})
    void aFolderThatIsALinkIsNotFollowed(String name) throws IOException {
        Path folder = temp.resolve("task").resolve("vlog").resolve(name);
        Path moved = Files.move(folder, temp.resolve("elsewhere"));
        Files.createSymbolicLink(folder, moved);
        assertIsRefused(folder, "a symbolic link", "a directory");
        Files.delete(folder);
        Files.move(moved, folder);
        assertOpens();
    }

    @Test
    void aFileInThePlaceOfAFolderIsNamed() throws IOException {
        Path other = temp.resolve("task").resolve("vlog").resolve("other");
        Files.createFile(other);
        assertThatThrownBy(() -> StoreFolder.of(temp.resolve("task"), "other").check())
                .hasMessageContaining(other + " is a regular file, expected a directory");
    }

    @Test
    void aLinkAmongTheFilesOfTheIndexIsNotFollowed() throws IOException {
        Path link = test.folder().resolve("index").resolve("000123.sst");
        Files.createSymbolicLink(link, Files.writeString(temp.resolve("precious"), "precious"));
        assertIsRefused(link, "a symbolic link", "a regular file");
        Files.delete(link);
        assertOpens();
    }

    @Test
    void theStateFolderMayBeALink() throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("task"));
        TestKeyValueStore linked = TestKeyValueStore.in(link).open();
        assertThat(linked.get("a")).isEqualTo(VALUE);
        linked.close();
    }

    @Test
    void anEmptyFileOfAHighNumberTakesNoIdsAway() throws IOException {
        List<Path> strays = List.of(vlog("00000000004294967295.vlog"), vlog("00000000000000100000.vlog"));
        for (Path stray : strays) {
            Files.createFile(stray);
        }
        assertOpens();
        putUntilThereIsANewFile();
        test.commit(2);
        assertOpens();
        assertThat(vlogFiles()).contains("00000000000000000002.vlog");
        for (Path stray : strays) {
            assertThat(stray).as("it is not ours to delete").exists();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp/documents", "../documents", "a/b", "a\\b", "", ".", "..", "a\0b"})
    void aNameThatIsNoNameOfAFolderIsRefused(String name) {
        assertThatThrownBy(() -> VLogStores.persistentKeyValueStore(name))
                .isInstanceOf(TopologyException.class)
                .hasMessageContaining("'" + name + "'");
        assertThatThrownBy(() -> StoreFolder.of(temp, name)).isInstanceOf(TopologyException.class);
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void suchANameIsRefusedForAStoreWithHeaders() {
        assertThatThrownBy(() -> VLogStores.persistentTimestampedKeyValueStoreWithHeaders("../documents"))
                .isInstanceOf(TopologyException.class);
    }

    @Test
    void anyOtherNameIsAFolder() {
        for (String name : List.of("documents", "KSTREAM-AGGREGATE-STATE-STORE-0000000001", "a b", "ä", "...")) {
            assertThat(StoreFolder.of(temp, name).root().getParent()).isEqualTo(temp.resolve("vlog"));
        }
    }

    private void assertIsRefused(Path path, String found, String expected) {
        assertThatThrownBy(test::open)
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("documents")
                .hasMessageContaining(path + " is " + found + ", expected " + expected)
                .hasMessageContaining("remove it");
        test.close();
    }

    private void assertOpens() {
        test.close();
        assertThat(test.open().get("a")).isEqualTo(VALUE);
    }

    /** Puts until a new file begins; files have 1 KiB here. */
    private void putUntilThereIsANewFile() {
        for (int i = 0; i < 40; i++) {
            test.put("key" + i, VALUE.repeat(10));
        }
    }

    private Path vlog(String name) {
        return test.folder().resolve("vlog").resolve(name);
    }

    private List<String> vlogFiles() throws IOException {
        try (Stream<Path> files = Files.list(test.folder().resolve("vlog"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
