/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.junit.jupiter.api.Test;

/** Compares the table in docs/OPTIONS.md with the definition of the options; a failure prints the correct table. */
class OptionsDocumentationTest {

    private static final Path DOCUMENT = Path.of("../docs/OPTIONS.md");

    private static final String HEAD = "| option | type | default | allowed | what it does |";

    @Test
    void theTableOfOptionsIsThatOfTheDefinition() throws IOException {
        String expected = expectedTable();
        assertThat(documentedTable())
                .as("the table in docs/OPTIONS.md; it should be:%n%n%s%n%n", expected)
                .isEqualTo(expected);
    }

    private static String documentedTable() throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        return lines.stream()
                .dropWhile(line -> !line.equals(HEAD))
                .takeWhile(line -> line.startsWith("|"))
                .collect(Collectors.joining("\n"));
    }

    private static String expectedTable() {
        Comparator<ConfigKey> byImportance = Comparator.comparing(key -> key.importance);
        Stream<String> rows = VLogConfig.configDef().configKeys().values().stream()
                .sorted(byImportance.thenComparing(key -> key.name))
                .map(OptionsDocumentationTest::row);
        return Stream.concat(Stream.of(HEAD, "|---|---|---|---|---|"), rows).collect(Collectors.joining("\n"));
    }

    private static String row(ConfigKey key) {
        return String.format(
                "| `%s` | %s | %s | %s | %s |",
                key.name,
                key.type.name().toLowerCase(Locale.ROOT),
                key.defaultValue,
                key.validator,
                key.documentation.replace("|", "\\|"));
    }
}
