/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses numbers of bytes: {@code 100}, {@code 64k}, {@code 1g}; k, m and g are powers of 1024. */
final class ByteCount {

    private static final Pattern SHAPE = Pattern.compile("(\\d{1,9})([kmg]?)");

    private ByteCount() {}

    static long parse(String text) {
        Matcher matcher = SHAPE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a size such as 100, 64k, 300m or 2g");
        }
        String unit = matcher.group(2).isEmpty() ? " " : matcher.group(2);
        int shift = 10 * " kmg".indexOf(unit);
        return Long.parseLong(matcher.group(1)) << shift;
    }
}
