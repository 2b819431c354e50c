/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process with as little direct memory as buildpacks configure, and with many threads: no get or put fails for lack
 * of it, and its use does not grow with the number of threads.
 */
@Timeout(300)
class LittleDirectMemoryTest {

    private static final int FIRST_WITH_VIRTUAL_THREADS = 21;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"none", "lz4", "zstd"})
    void manyPlatformThreadsReadAndWrite(String compression) throws Exception {
        run(Path.of(System.getProperty("java.home")), compression, "150", "0");
    }

    @Test
    void thousandsOfVirtualThreadsRead() throws Exception {
        Optional<Path> java = javaWithVirtualThreads();
        assumeTrue(java.isPresent(), "no JDK of version 21 or later beside the one of this build");
        run(java.get(), "zstd", "20", "5000");
    }

    private void run(Path java, String compression, String threads, String virtualThreads) throws Exception {
        ChildJava.run(
                java,
                folder,
                List.of("-Xmx1g", "-XX:MaxDirectMemorySize=10M"),
                ManyReaders.class,
                folder.resolve("state").toString(),
                compression,
                threads,
                virtualThreads);
    }

    /** Returns the newest of the JDKs that are installed beside this one. */
    private static Optional<Path> javaWithVirtualThreads() throws IOException {
        Path installed = Path.of(System.getProperty("java.home")).toRealPath().getParent();
        try (Stream<Path> homes = Files.list(installed)) {
            return homes.filter(home -> Files.isExecutable(home.resolve("bin/java")))
                    .filter(home -> version(home) >= FIRST_WITH_VIRTUAL_THREADS)
                    .max((one, other) -> Integer.compare(version(one), version(other)));
        }
    }

    /** Returns the version in the file {@code release}, as in {@code JAVA_VERSION="25.0.1"}; 0 if there is none. */
    private static int version(Path home) {
        try (Stream<String> lines = Files.lines(home.resolve("release"))) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION=\""))
                    .map(line -> line.replaceAll("[^0-9.]", "").split("\\.", 2)[0])
                    .mapToInt(Integer::parseInt)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
