/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
    private final List<String> skipped = new ArrayList<>();
    private Path folder;

    @BeforeEach
    void resolveLinks(@TempDir Path temporary) throws IOException {
        folder = temporary.toRealPath();
    }

    @Test
    void filesComeInTheOrderOfTheirNamesWithTheirPathAsKey() throws IOException {
        write("b.txt", 2);
        write("a/z.txt", 3);
        write("c.txt", 0);

        assertThat(filesOf(source(100, 10)))
                .containsExactly(
                        Map.entry(folder + "/a/z.txt", 3),
                        Map.entry(folder + "/b.txt", 2),
                        Map.entry(folder + "/c.txt", 0));
        assertThat(skipped).isEmpty();
    }

    @Test
    void aFileOverTheRecordLimitIsSkippedWithALine() throws IOException {
        write("a-fits.bin", 10);
        write("b-large.bin", 11);

        assertThat(filesOf(source(100, 10))).containsOnlyKeys(folder + "/a-fits.bin");
        assertThat(skipped)
                .containsExactly("skipped " + folder
                        + "/b-large.bin: 11 B is over the record limit of 10 B (--max-record-bytes)");
    }

    @Test
    void itEndsBeforeTheFileThatWouldExceedTheBytes() throws IOException {
        write("a", 5);
        write("b", 5);
        write("c", 1);
        var source = source(10, 10);

        assertThat(filesOf(source)).containsOnlyKeys(folder + "/a", folder + "/b");
        assertThat(source.full()).isTrue();
    }

    @Test
    void itIsNotFullWhenEverythingFits() throws IOException {
        write("a", 10);
        var source = source(10, 10);

        assertThat(filesOf(source)).hasSize(1);
        assertThat(source.full()).isFalse();
    }

    @Test
    void linksAreNotFollowedAndOurOwnFoldersNotEntered() throws IOException {
        write("real/a", 1);
        write("ours/b", 1);
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        var source = new FileSource(Set.of(folder.resolve("ours")), 100, 10, skipped::add);

        assertThat(filesOf(source)).containsOnlyKeys(folder + "/real/a");
    }

    @Test
    void aFolderThatIsALinkItselfIsTaken() throws IOException {
        write("real/a", 1);
        var link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));
        var keys = new ArrayList<String>();

        source(100, 10).forEach(List.of(link), (key, content) -> keys.add(key));

        assertThat(keys).containsExactly(folder + "/real/a");
    }

    @Test
    void aDocumentIsReadAgainUnlessItIsGoneOrHasGrown() throws IOException {
        write("a", 10);
        var source = source(100, 10);
        var key = folder + "/a";

        assertThat(source.reread(key))
                .get()
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.BYTE_ARRAY)
                .hasSize(10);
        write("a", 11);
        assertThat(source.reread(key)).isEmpty();
        Files.delete(folder.resolve("a"));
        assertThat(source.reread(key)).isEmpty();
    }

    private FileSource source(long maxBytes, int maxFileBytes) {
        return new FileSource(Set.of(), maxBytes, maxFileBytes, skipped::add);
    }

    private Map<String, Integer> filesOf(FileSource source) {
        var lengths = new LinkedHashMap<String, Integer>();
        source.forEach(List.of(folder), (key, content) -> lengths.put(key, content.length));
        return lengths;
    }

    private void write(String name, int length) throws IOException {
        var file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[length]);
    }
}
