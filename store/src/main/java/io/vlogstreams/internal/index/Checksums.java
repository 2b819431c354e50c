/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.util.zip.CRC32;

/** The checksum of what the index keeps besides locations: CRC-32, as in the VLog. Any thread. */
final class Checksums {

    private Checksums() {}

    static int crc32(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
