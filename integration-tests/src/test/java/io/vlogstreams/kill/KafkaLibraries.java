/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The libraries of a version of Kafka. In the class path of a child they replace those of this JVM, so that the child
 * runs with another version than the broker.
 *
 * @param folder the folder of the jars, named after the version; null for the libraries of this JVM
 */
record KafkaLibraries(Path folder) {

    private static final String PATH_SEPARATOR = System.getProperty("path.separator");

    /** The start of the version in the name of a jar. */
    private static final Pattern VERSION = Pattern.compile("-\\d.*");

    /** All of Kafka's jars, including those of the broker and the tests, but not ours. */
    private static final Pattern OF_KAFKA = Pattern.compile("kafka(?!-streams-vlog)[-_]");

    /** Returns the libraries of this JVM, or those in the folder that {@code -Dchild.kafka} names. */
    static KafkaLibraries standard() {
        String folder = System.getProperty("child.kafka");
        return new KafkaLibraries(folder == null ? null : Path.of(folder));
    }

    /** Returns every version that the build has provided, the oldest first. */
    static List<KafkaLibraries> all() throws IOException {
        Path parent = Path.of(System.getProperty("kafka.libraries", "target/kafka"));
        try (Stream<Path> folders = Files.list(parent)) {
            List<KafkaLibraries> all = folders.sorted().map(KafkaLibraries::new).toList();
            assertThat(all).as("versions of Kafka in " + parent).hasSizeGreaterThan(1);
            return all;
        }
    }

    /** Returns the libraries of the newest version. */
    static KafkaLibraries newest() throws IOException {
        List<KafkaLibraries> versions = all();
        return versions.get(versions.size() - 1);
    }

    /** Returns the version of Kafka. */
    String version() {
        return folder.getFileName().toString();
    }

    /** Returns the class path of this JVM with these libraries. */
    String classPath() throws IOException {
        List<Path> entries = new ArrayList<>();
        List<Path> own = jars();
        Set<String> artifacts = own.stream().map(KafkaLibraries::artifact).collect(Collectors.toSet());
        for (String entry : System.getProperty("java.class.path").split(PATH_SEPARATOR, -1)) {
            Path path = Path.of(entry).toAbsolutePath();
            boolean replaced =
                    OF_KAFKA.matcher(path.getFileName().toString()).lookingAt() || artifacts.contains(artifact(path));
            if (own.isEmpty() || !replaced) {
                entries.add(path);
            }
        }
        entries.addAll(own);
        return entries.stream().map(Path::toString).collect(Collectors.joining(PATH_SEPARATOR));
    }

    private List<Path> jars() throws IOException {
        if (folder == null) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(Path::toAbsolutePath).sorted().toList();
        }
    }

    private static String artifact(Path jar) {
        return VERSION.matcher(jar.getFileName().toString()).replaceFirst("");
    }

    /** For the names of parameterized tests. */
    @Override
    public String toString() {
        return folder == null ? "the version of the broker" : version();
    }
}
