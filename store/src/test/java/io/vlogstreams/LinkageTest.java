/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Checks that every class and member that the store uses exists in its libraries. The store is compiled against one
 * version of Kafka and runs on several, and this test runs with each.
 */
class LinkageTest {

    private static final Set<String> LIBRARIES =
            Set.of("org.apache.kafka.", "org.rocksdb.", "net.jpountz.", "com.github.luben.");

    /** Members that are used only if {@code RuntimeFeatures} has found them, or with a fallback. */
    private static final Set<String> ONLY_WHERE_PRESENT = Set.of(
            "io.vlogstreams.VLogDslStoreSuppliers$StoreFormats",
            // The class that the compiler generates for its switch.
            "io.vlogstreams.VLogDslStoreSuppliers$1",
            "io.vlogstreams.internal.streams.VLogStoreSupplier$Headers",
            "io.vlogstreams.internal.streams.VLogStoreSupplier$WithHeaders",
            "io.vlogstreams.internal.streams.VLogTimestampedKeyValueStoreWithHeaders",
            "io.vlogstreams.internal.streams.ValueFormat.convertTo(",
            "io.vlogstreams.internal.streams.StoreQueries.reads(",
            "io.vlogstreams.internal.streams.StoreErrors.taskCorrupted(");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.vlogstreams");

    @Test
    void whatIsUsedWithoutAskingIsThere() {
        assertThat(missing())
                .filteredOn(use -> ONLY_WHERE_PRESENT.stream().noneMatch(use::startsWith))
                .isEmpty();
    }

    private static List<String> missing() {
        return CLASSES.stream()
                .flatMap(type -> type.getAccessesFromSelf().stream())
                .filter(access -> isOfLibrary(access.getTargetOwner().getName()))
                .filter(access -> isMissing(access.getTarget()))
                .map(LinkageTest::describe)
                .distinct()
                .sorted()
                .toList();
    }

    private static boolean isOfLibrary(String className) {
        return LIBRARIES.stream().anyMatch(className::startsWith);
    }

    private static boolean isMissing(AccessTarget target) {
        return target.resolveMember().isEmpty();
    }

    private static String describe(JavaAccess<?> access) {
        return access.getOrigin().getFullName() + " uses " + access.getTarget().getFullName();
    }
}
