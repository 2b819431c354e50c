/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the length of lines, because the formatter wraps neither comments nor documentation. */
class LineLengthTest {

    private static final int MAX_COLUMNS = 120;

    private static final Path CHECKOUT = Path.of("..");

    @Test
    void linesOfSourcesAndDocumentationAreShort() throws IOException {
        List<String> longLines = new ArrayList<>();
        for (String folder : List.of("store", "examples", "integration-tests", "docs")) {
            try (Stream<Path> files = Files.walk(CHECKOUT.resolve(folder))) {
                for (Path file : files.filter(LineLengthTest::isWrittenByHand).toList()) {
                    addLongLines(file, longLines);
                }
            }
        }
        addLongLines(CHECKOUT.resolve("README.md"), longLines);
        assertThat(longLines).isEmpty();
    }

    private static boolean isWrittenByHand(Path file) {
        String name = file.toString();
        return !name.contains("target") && (name.endsWith(".java") || name.endsWith(".md"));
    }

    private static void addLongLines(Path file, List<String> longLines) throws IOException {
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).length() > MAX_COLUMNS && !cannotBeBroken(lines.get(i))) {
                longLines.add(file + ":" + (i + 1) + ": " + lines.get(i));
            }
        }
    }

    /** Returns whether the line is a row of a table, has a string literal, or is a single link. */
    private static boolean cannotBeBroken(String line) {
        return line.startsWith("|") || line.contains("\"") || !line.strip().contains(" ");
    }
}
