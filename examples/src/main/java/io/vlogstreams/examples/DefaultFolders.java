/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Finds the two folders that every user of the examples has: the checkout and the local Maven repository. The result
 * depends neither on the working folder nor on the place of the repository.
 */
final class DefaultFolders {

    private DefaultFolders() {}

    /** Returns those that exist, without one that is inside of the other. */
    static List<Path> find() {
        var found = new ArrayList<Path>();
        checkout().ifPresent(found::add);
        mavenRepository()
                .filter(repository -> found.stream().noneMatch(repository::startsWith))
                .ifPresent(found::add);
        return found;
    }

    /** Returns the nearest folder with our modules, upwards from the working folder or from our own classes. */
    private static Optional<Path> checkout() {
        return upwards(Path.of("")).or(() -> locationOf(DefaultFolders.class).flatMap(DefaultFolders::upwards));
    }

    private static Optional<Path> upwards(Path start) {
        for (var folder = start.toAbsolutePath().normalize(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("examples/pom.xml")) && Files.exists(folder.resolve("store/pom.xml"))) {
                return Optional.of(folder);
            }
        }
        return Optional.empty();
    }

    /** Returns the configured repository, else the one that our Kafka jar was loaded from, else the usual place. */
    private static Optional<Path> mavenRepository() {
        return Optional.ofNullable(System.getProperty("maven.repo.local"))
                .map(Path::of)
                .or(() -> locationOf(KafkaStreams.class).flatMap(DefaultFolders::repositoryOfJar))
                .or(() -> Optional.of(Path.of(System.getProperty("user.home"), ".m2", "repository")))
                .map(path -> path.toAbsolutePath().normalize())
                .filter(Files::isDirectory);
    }

    /** Returns the repository of a jar {@code <repository>/org/apache/kafka/kafka-streams/<version>/<jar>}. */
    private static Optional<Path> repositoryOfJar(Path jar) {
        var group = Optional.ofNullable(jar.getParent()).map(Path::getParent).map(Path::getParent);
        return group.filter(folder -> folder.endsWith(Path.of("org", "apache", "kafka")))
                .map(folder -> folder.resolve("../../..").normalize());
    }

    private static Optional<Path> locationOf(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        if (source == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(source.getLocation().toURI()));
        } catch (URISyntaxException | RuntimeException e) {
            // The class was not loaded from a file, so its repository cannot be found.
            return Optional.empty();
        }
    }
}
