/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.util.Locale;
import java.util.regex.Pattern;

/** Parses and prints sizes: {@code 300m} in, {@code 300.0 MiB} out; k, m and g are powers of 1024. */
final class ByteSize {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,12})([kmg]?)");

    private ByteSize() {}

    /**
     * Parses {@code 4096}, {@code 64k}, {@code 300m} or {@code 2g}, in either case.
     *
     * @throws IllegalArgumentException for any other text, which the message quotes
     */
    static long parse(String text) {
        var matcher = SHAPE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a size such as 4096, 64k, 300m or 2g");
        }
        return Long.parseLong(matcher.group(1)) << shift(matcher.group(2));
    }

    private static int shift(String unit) {
        return switch (unit) {
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> 0;
        };
    }

    static String format(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        if (bytes < 1 << 20) {
            return String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0);
        }
        return String.format(Locale.ROOT, "%,.1f MiB", bytes / 1024.0 / 1024.0);
    }
}
