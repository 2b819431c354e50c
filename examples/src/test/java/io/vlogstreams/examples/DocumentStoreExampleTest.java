/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Tests that need no broker; the integration tests run the example. */
class DocumentStoreExampleTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void wrongArgumentsEndWithCode2AndSayWhatIsWrong() {
        assertThat(run("--max-bytes", "lots")).isEqualTo(2);
        assertThat(text(err)).contains("--max-bytes: 'lots' is not a size").contains("--help lists the arguments");
        assertThat(text(out)).isEmpty();
    }

    @Test
    void helpNamesEveryArgument() {
        assertThat(run("--help")).isZero();
        assertThat(text(out))
                .contains("--folder", "--max-bytes", "--max-record-bytes", "--bootstrap-servers")
                .contains("--state-dir", "--threads", "--keep", "--help");
    }

    private int run(String... args) {
        return DocumentStoreExample.run(stream(out), stream(err), args);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
