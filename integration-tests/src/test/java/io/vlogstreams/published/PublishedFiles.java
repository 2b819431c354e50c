/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.published;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** What the build of {@code store} made to be published; {@code .ci/reproducible} publishes it to a folder. */
final class PublishedFiles {

    private static final Path FOLDER = Path.of("../store/target");

    private PublishedFiles() {}

    static Path pom() {
        return FOLDER.resolve("published-pom.xml");
    }

    static Path billOfMaterials() {
        return FOLDER.resolve("bom.json");
    }

    static Path jar() throws IOException {
        return jar("");
    }

    static Path sources() throws IOException {
        return jar("-sources");
    }

    static Path javadoc() throws IOException {
        return jar("-javadoc");
    }

    /** The newest: jars of other versions stay there until somebody cleans. */
    private static Path jar(String classifier) throws IOException {
        String name = "kafka-streams-vlog-[0-9.]+(-SNAPSHOT)?" + classifier + "\\.jar";
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .max(Comparator.comparing(file -> file.toFile().lastModified()))
                    .orElseThrow(() -> new IOException("No " + name + " in " + FOLDER + ": build store first"));
        }
    }

    /** The bytes of all files of a jar, by name. */
    static Map<String, byte[]> filesOf(Path jar) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : entriesOf(zip)) {
                if (!entry.isDirectory()) {
                    files.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
                }
            }
        }
        return files;
    }

    /** The time stamps of all entries of a jar. */
    static List<String> timesOf(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return entriesOf(zip).stream()
                    .map(entry -> entry.getTimeLocal().toString())
                    .distinct()
                    .toList();
        }
    }

    static String textOf(Path jar, String name) throws IOException {
        byte[] bytes = filesOf(jar).get(name);
        if (bytes == null) {
            throw new IOException("No " + name + " in " + jar);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static List<? extends ZipEntry> entriesOf(ZipFile zip) {
        return zip.stream().toList();
    }
}
