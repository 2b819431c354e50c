/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The layout of a {@link ValueLocation}, whose Javadoc has the byte table. A separate class, because an interface
 * cannot hide its constants.
 *
 * <p>Stateless.
 */
final class LocationLayout {

    private static final int META_OFFSET = 0;
    private static final int VERSION_OFFSET = META_OFFSET + Byte.BYTES;
    static final int REST_OFFSET = VERSION_OFFSET + Byte.BYTES;

    private static final byte VERSION = 1;
    private static final int SEPARATED_BIT = 1;
    private static final int FORMAT_TAG_SHIFT = 1;
    private static final int KNOWN_META_BITS = SEPARATED_BIT | ValueLocation.MAX_FORMAT_TAG << FORMAT_TAG_SHIFT;

    private static final String WHAT = "value location";

    private LocationLayout() {}

    static void checkFormatTag(int formatTag) {
        if (formatTag < 0 || formatTag > ValueLocation.MAX_FORMAT_TAG) {
            throw new IllegalArgumentException(
                    "A format tag is 0 to " + ValueLocation.MAX_FORMAT_TAG + ", not " + formatTag);
        }
    }

    /** Returns a location with its first two bytes set. */
    static byte[] begin(boolean separated, int formatTag, int restBytes) {
        byte[] bytes = new byte[Math.addExact(REST_OFFSET, restBytes)];
        bytes[META_OFFSET] = (byte) (formatTag << FORMAT_TAG_SHIFT | (separated ? SEPARATED_BIT : 0));
        bytes[VERSION_OFFSET] = VERSION;
        return bytes;
    }

    static ValueLocation decode(byte[] bytes, int length) {
        if (length < REST_OFFSET) {
            throw new MalformedLocationException(WHAT, "at least " + REST_OFFSET + " bytes", length + " bytes");
        }
        int meta = Byte.toUnsignedInt(bytes[META_OFFSET]);
        if ((meta & ~KNOWN_META_BITS) != 0) {
            throw new MalformedLocationException(WHAT, "bits 3 to 7 of the meta byte to be 0", "meta byte " + meta);
        }
        int version = Byte.toUnsignedInt(bytes[VERSION_OFFSET]);
        if (version != VERSION) {
            throw new MalformedLocationException(WHAT, "version " + VERSION, "version " + version);
        }
        int formatTag = meta >> FORMAT_TAG_SHIFT;
        if ((meta & SEPARATED_BIT) == 0) {
            return new Inline(formatTag, Arrays.copyOfRange(bytes, REST_OFFSET, length));
        }
        int separatedBytes = REST_OFFSET + ValuePointer.BYTES;
        if (length != separatedBytes) {
            throw new MalformedLocationException(WHAT, separatedBytes + " bytes with a pointer", length + " bytes");
        }
        return new Separated(formatTag, ValuePointer.decode(ByteBuffer.wrap(bytes), REST_OFFSET));
    }
}
