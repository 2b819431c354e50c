/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.vlogstreams.internal.vlog.VLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * The rules for the structure of the code: dependencies, names, the size of files. They are tests, so that the command
 * that runs the tests also checks them.
 */
class HouseRulesTest {

    private static final String ROOT = "io.vlogstreams";
    private static final String STREAMS = "io.vlogstreams.internal.streams";
    private static final String INDEX = "io.vlogstreams.internal.index";
    private static final String VLOG = "io.vlogstreams.internal.vlog";

    /** The layers from top to bottom: a package may use itself and those below it. */
    private static final List<String> LAYERS =
            List.of(ROOT, STREAMS, "io.vlogstreams.internal.engine", "io.vlogstreams.internal.cleanup", INDEX, VLOG);

    /** Types that users pass to, and get from, {@code internal.streams}: the only dependencies that point up. */
    private static final Set<String> ROOT_TYPES_KNOWN_TO_STREAMS =
            Set.of("io.vlogstreams.VLogConfig", "io.vlogstreams.VLogKeysQuery", "io.vlogstreams.VLogKeyIterator");

    private static final int MAX_LINES_OF_CODE = 300;

    /** Comments, imports and empty lines are none: nobody is to save on those. */
    private static final Pattern NO_CODE = Pattern.compile("\\s*(|[*/].*|import .*)");

    private static final Path SOURCES = Path.of("src/main/java");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /** All other rules would pass if a package did not exist. */
    @Test
    void allSixPackagesExist() {
        assertThat(ownPackages()).containsAll(LAYERS);
    }

    @Test
    void everyClassBelongsToALayer() {
        assertThat(CLASSES).filteredOn(type -> layerOf(type) < 0).isEmpty();
    }

    @Test
    void noPackageUsesOneAboveIt() {
        List<String> arrowsUp = CLASSES.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(HouseRulesTest::pointsUp)
                .map(Dependency::getDescription)
                .sorted()
                .toList();
        assertThat(arrowsUp).isEmpty();
    }

    @Test
    void onlyTheRootAndInternalStreamsKnowKafkaStreams() {
        check(noClasses()
                .that(not(resideInAnyPackage(ROOT, STREAMS + "..")))
                .should()
                .dependOnClassesThat(resideInAPackage("org.apache.kafka.streams..")));
    }

    /** {@code KafkaInternals} is an exception: it creates an object of Kafka whose class extends one of RocksDB. */
    @Test
    void onlyInternalIndexAndTheTuningOfItKnowRocksDb() {
        check(noClasses()
                .that(not(resideInAPackage(INDEX + "..")
                        .or(is(STREAMS + ".RocksDbConfigSetterTuning"))
                        .or(is(STREAMS + ".KafkaInternals"))))
                .should()
                .dependOnClassesThat(resideInAPackage("org.rocksdb..")));
    }

    @Test
    void oneClassKnowsEachCompressionLibrary() {
        check(noClasses()
                .that(not(is(VLOG + ".Lz4Codec")))
                .should()
                .dependOnClassesThat(resideInAPackage("net.jpountz..")));
        check(noClasses()
                .that(not(is(VLOG + ".ZstdCodec")))
                .should()
                .dependOnClassesThat(resideInAPackage("com.github.luben..")));
    }

    @Test
    void onlyInternalVlogOpensFileChannels() {
        check(noClasses()
                .that(not(resideInAPackage(VLOG + "..")))
                .should()
                .dependOnClassesThat(resideInAPackage("java.nio.channels..")));
    }

    @Test
    void onlyKafkaInternalsKnowsKafkasInternals() {
        check(noClasses()
                .that(not(is(STREAMS + ".KafkaInternals")))
                .should()
                .dependOnClassesThat(resideInAPackage("org.apache.kafka..internals..")));
    }

    /** With thousands of files, walking through all of them for each one would take too long. */
    @Test
    void cleanupWalksThroughAllFilesOnlyWhenAStoreIsOpened() {
        check(noClasses()
                .that(resideInAPackage("io.vlogstreams.internal.cleanup..")
                        .and(not(is("io.vlogstreams.internal.cleanup.SealedFiles"))))
                .should()
                .callMethod(VLog.class, "files"));
    }

    /** What is internal may change with any release: no user is to name it, see docs/API.md. */
    @Test
    void theApiShowsNothingInternal() {
        assertThat(CLASSES.stream()
                        .filter(type -> type.getPackageName().equals(ROOT) && isForUsers(type.getModifiers()))
                        .flatMap(type -> type.getMembers().stream())
                        .filter(member -> isForUsers(member.getModifiers())))
                .isNotEmpty()
                .filteredOn(HouseRulesTest::showsSomethingInternal)
                .extracting(JavaMember::getFullName)
                .isEmpty();
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(ownPackages().stream().map(CLASSES::getPackage))
                .filteredOn(own -> !isNullMarked(own))
                .extracting(JavaPackage::getName)
                .isEmpty();
    }

    @Test
    void namesSayWhatAClassDoes() {
        check(noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)"));
    }

    @Test
    void nothingPrintsToTheConsole() {
        check(NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS);
    }

    @Test
    void nothingLogsPastSlf4j() {
        check(noClasses().should().dependOnClassesThat(resideInAPackage("java.util.logging..")));
    }

    @Test
    void sourceFilesAreShort() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            assertThat(files.filter(file -> file.toString().endsWith(".java")))
                    .filteredOn(file -> countLinesOfCode(file) > MAX_LINES_OF_CODE)
                    .isEmpty();
        }
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }

    private static boolean pointsUp(Dependency dependency) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        int from = layerOf(dependency.getOriginClass());
        int to = layerOf(target);
        boolean known = from >= 0 && to >= 0;
        boolean allowed =
                from == LAYERS.indexOf(STREAMS) && ROOT_TYPES_KNOWN_TO_STREAMS.contains(outermostNameOf(target));
        return known && to < from && !allowed;
    }

    /** Returns the position in {@link #LAYERS}, or -1. Subpackages of an internal layer belong to it. */
    private static int layerOf(JavaClass type) {
        String name = type.getPackageName();
        for (int i = 0; i < LAYERS.size(); i++) {
            String layer = LAYERS.get(i);
            if (name.equals(layer) || (!layer.equals(ROOT) && name.startsWith(layer + "."))) {
                return i;
            }
        }
        return -1;
    }

    private static DescribedPredicate<JavaClass> is(String name) {
        return describe("are " + name, type -> outermostNameOf(type).equals(name));
    }

    private static String outermostNameOf(JavaClass type) {
        return type.getEnclosingClass().map(HouseRulesTest::outermostNameOf).orElseGet(type::getName);
    }

    private static boolean isForUsers(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    private static boolean showsSomethingInternal(JavaMember member) {
        return member.getAllInvolvedRawTypes().stream()
                .anyMatch(type -> type.getPackageName().startsWith(ROOT + ".internal"));
    }

    private static boolean isNullMarked(JavaPackage own) {
        return own.tryGetPackageInfo()
                .map(info -> info.isAnnotatedWith(NullMarked.class))
                .orElse(false);
    }

    private static Set<String> ownPackages() {
        return CLASSES.stream()
                .filter(type -> !type.getSimpleName().equals("package-info"))
                .map(JavaClass::getPackageName)
                .collect(Collectors.toSet());
    }

    private static long countLinesOfCode(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> !NO_CODE.matcher(line).matches()).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
