/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The stores of other kinds, mostly Kafka's RocksDB store, that a task has under the name of a VLog store. The VLog
 * store remembers their state. If the state has changed when the store is opened again, a store of another kind was in
 * use meanwhile.
 *
 * <p>Such a store is in {@code <task>/<kind>/<store>}, and its file {@code CURRENT} names its newest manifest. RocksDB
 * begins a new manifest, with a higher number, whenever it opens a database. So the comparison does not depend on
 * clocks, and a copied folder has the same state as the original.
 *
 * <p>The remembered state is in the file {@code others} in the folder of the VLog store, if there is any. The file is
 * UTF-8: the line {@code 1} (the version), then for each kind a line with its name, a tab and the content of
 * {@code CURRENT}. A missing or malformed file counts as an empty state.
 *
 * @param manifests the content of {@code CURRENT} by kind of store
 */
record OtherKinds(Map<String, String> manifests) {

    private static final String FILE = "others";
    private static final String VERSION = "1";

    /** Reads the current state. */
    static OtherKinds in(Path taskFolder, String storeName) throws IOException {
        Map<String, String> manifests = new TreeMap<>();
        try (Stream<Path> kinds = Files.list(taskFolder)) {
            for (Path kind : kinds.toList()) {
                Path current = kind.resolve(storeName).resolve("CURRENT");
                if (Files.isRegularFile(current)) {
                    manifests.put(
                            kind.getFileName().toString(),
                            Files.readString(current, UTF_8).strip());
                }
            }
        }
        manifests.remove(VLogStoreSupplier.SCOPE);
        return new OtherKinds(manifests);
    }

    /** Reads the state as of the last time that the VLog store was open. */
    static OtherKinds rememberedIn(Path storeFolder) throws IOException {
        Map<String, String> manifests = new TreeMap<>();
        try {
            List<String> lines = Files.readAllLines(storeFolder.resolve(FILE), UTF_8);
            if (!lines.isEmpty() && lines.get(0).equals(VERSION)) {
                for (String line : lines.subList(1, lines.size())) {
                    int tab = line.indexOf('\t');
                    if (tab > 0) {
                        manifests.put(line.substring(0, tab), line.substring(tab + 1));
                    }
                }
            }
        } catch (NoSuchFileException | CharacterCodingException e) {
            return new OtherKinds(Map.of());
        }
        return new OtherKinds(manifests);
    }

    void rememberIn(Path storeFolder) throws IOException {
        List<String> lines = new ArrayList<>(List.of(VERSION));
        manifests.forEach((kind, manifest) -> lines.add(kind + "\t" + manifest));
        Path unfinished = storeFolder.resolve(FILE + ".tmp");
        Files.write(
                unfinished,
                lines,
                UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.SYNC);
        Files.move(
                unfinished,
                storeFolder.resolve(FILE),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Returns the kinds that were in use since then. A kind whose folder is gone does not count. */
    List<String> usedSince(OtherKinds before) {
        return manifests.entrySet().stream()
                .filter(each -> !each.getValue().equals(before.manifests().get(each.getKey())))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Returns the folder of the store of that kind, with its size, for messages. */
    static String describe(Path taskFolder, String storeName, String kind) {
        Path folder = taskFolder.resolve(kind).resolve(storeName);
        try (Stream<Path> files = Files.walk(folder)) {
            long bytes = files.mapToLong(
                            file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
            return folder + " (" + bytes + " bytes)";
        } catch (IOException | UncheckedIOException e) {
            return folder.toString();
        }
    }
}
