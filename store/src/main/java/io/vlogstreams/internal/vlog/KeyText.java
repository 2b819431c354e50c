/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.util.HexFormat;

/**
 * Formats keys for messages: in hex, so that every key is printable, and truncated. Thread-safe.
 */
public final class KeyText {

    private static final int MAX_SHOWN_BYTES = 64;

    private KeyText() {}

    public static String of(byte[] key) {
        int shown = Math.min(key.length, MAX_SHOWN_BYTES);
        String hex = "0x" + HexFormat.of().formatHex(key, 0, shown);
        return shown == key.length ? hex : hex + "... (" + key.length + " bytes)";
    }
}
