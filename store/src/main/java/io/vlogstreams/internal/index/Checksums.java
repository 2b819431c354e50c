/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.util.zip.CRC32;

/** The checksum of the entries of the index other than locations: CRC-32, as in the VLog. Thread-safe. */
final class Checksums {

    private Checksums() {}

    static int crc32(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
