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

/** What the build of {@code store} has published to a folder. */
final class PublishedFiles {

    private static final Path FOLDER = Path.of("../store/target/published/io/vlogstreams/kafka-streams-vlog");

    private PublishedFiles() {}

    /**
     * The newest file whose name ends with the version and this.
     *
     * @throws IOException if there is none
     */
    static Path ending(String end) throws IOException {
        // A snapshot's version ends with a number, a release's with one, too: "-sources.jar" is not ".jar".
        String name = ".*[0-9]" + end.replace(".", "\\.");
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .max(Comparator.comparing(PublishedFiles::modified))
                    .orElseThrow(() -> new IOException("No *" + end + " in " + FOLDER));
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

    private static long modified(Path file) {
        return file.toFile().lastModified();
    }
}
