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
 * Finds the folders that everyone who runs this has: the checkout and the local Maven repository. It depends neither
 * on the folder it is run from nor on where the repository was moved to.
 */
final class DefaultFolders {

    private DefaultFolders() {}

    /** Those that exist, without one that lies in another. */
    static List<Path> find() {
        var found = new ArrayList<Path>();
        checkout().ifPresent(found::add);
        mavenRepository()
                .filter(repository -> found.stream().noneMatch(repository::startsWith))
                .ifPresent(found::add);
        return found;
    }

    /** The nearest folder with our modules, upwards from the working folder or from our own classes. */
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

    /** Where Maven was told to keep it, else where our Kafka jar was loaded from, else the usual place. */
    private static Optional<Path> mavenRepository() {
        return Optional.ofNullable(System.getProperty("maven.repo.local"))
                .map(Path::of)
                .or(() -> locationOf(KafkaStreams.class).flatMap(DefaultFolders::repositoryOfJar))
                .or(() -> Optional.of(Path.of(System.getProperty("user.home"), ".m2", "repository")))
                .map(path -> path.toAbsolutePath().normalize())
                .filter(Files::isDirectory);
    }

    /** {@code <repository>/org/apache/kafka/kafka-streams/<version>/<jar>}: then it is the repository. */
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
            // Loaded from something that is not a file: then there is nothing to find this way.
            return Optional.empty();
        }
    }
}
