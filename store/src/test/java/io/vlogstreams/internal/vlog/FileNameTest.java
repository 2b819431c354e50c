/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Names are part of the format: files of earlier versions must be found, and names sort like ids. */
class FileNameTest {

    @Test
    void theNameIsTheIdInTwentyDigits() {
        assertThat(FileName.of(1)).isEqualTo("00000000000000000001.vlog");
        assertThat(FileName.of(1_234_567)).isEqualTo("00000000000001234567.vlog");
        assertThat(FileName.of(FileName.MAX_ID)).isEqualTo("00000000004294967295.vlog");
    }

    @Test
    void theIdIsFoundInTheName() {
        LongStream ids = LongStream.of(1, 9, 10, 99, 100, 12_345, Integer.MAX_VALUE, FileName.MAX_ID);
        assertThat(ids)
                .allSatisfy(id -> assertThat(FileName.parse(FileName.of(id))).hasValue(id));
    }

    @Test
    void whatIsNotANameHasNoId() {
        Stream<String> names = Stream.of(
                "reserve",
                "1.vlog",
                "00000000000000000000.vlog",
                "00000000004294967296.vlog",
                "0000000000000000000a.vlog",
                "000000000000000000001.vlog",
                "00000000000000000001.vlog~");
        assertThat(names).allSatisfy(name -> assertThat(FileName.parse(name)).isEmpty());
    }
}
