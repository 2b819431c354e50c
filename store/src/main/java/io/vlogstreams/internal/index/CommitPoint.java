/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.VLogTail;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * The state that a commit makes durable together with the locations: the tail of the VLog, the changelog offsets and
 * the position.
 *
 * <p>Stored as one value of the index, big-endian:
 * <pre>
 * size  field
 *    1  version, 3 (those before were never released)
 *    1  flags: bit 0 dirty, bit 1 written, bit 2 counted; the others are 0
 *    4  id of the active VLog file (u32; 0 = none yet)
 *    8  its length in bytes
 *    4  id of the active VLog file of short-lived records (u32; 0 = none)
 *    8  its length in bytes
 *    4  id of the active VLog file of relocated records (u32; 0 = none)
 *    8  its length in bytes
 *    4  highest file id ever used (u32)
 *    8  number of keys whose value is in the VLog
 *    8  how often an inline value was put
 *    4  number f of value formats, then f bytes: the format of each format tag
 *    4  length n of the position, then n bytes
 *    4  number of offsets, then for each:
 *         2 + n  changelog partition, modified UTF-8 with its length
 *         8      offset
 *    4  CRC-32 of everything before
 * </pre>
 *
 * <p>Immutable by convention (the arrays must not be changed); thread-safe.
 *
 * @param tail where the VLog ends: every location in the index names bytes before it
 * @param entries the counters for the number of keys
 * @param offsets the offset that Kafka Streams committed, by changelog partition
 * @param position the store's position, as the layer above encodes it
 * @param formats the value format of each format tag, in the order in which the store adopted them
 * @param dirty whether the index holds writes that no commit has confirmed
 * @param written whether the store was ever written or restored; otherwise it cannot have an offset
 * @param counted whether the store was closed cleanly at this point, so that its live bytes are trusted
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record CommitPoint(
        VLogTail tail,
        EntryCount entries,
        Map<String, Long> offsets,
        byte[] position,
        byte[] formats,
        boolean dirty,
        boolean written,
        boolean counted) {

    /**
     * The offset of a partition from whose beginning the store is to be restored. Kafka Streams commits it for an
     * unknown offset. Without any offset Streams would wipe the store's task under exactly-once; with this one it does
     * not.
     */
    public static final long UNKNOWN_OFFSET = -4L;

    private static final int VERSION = 3;
    private static final int DIRTY = 1;
    private static final int WRITTEN = 1 << 1;
    private static final int COUNTED = 1 << 2;

    public CommitPoint {
        offsets = Map.copyOf(offsets);
    }

    /** Returns the commit point of a new store. */
    public static CommitPoint empty(byte[] formats) {
        return new CommitPoint(VLogTail.EMPTY, EntryCount.NONE, Map.of(), new byte[0], formats, false, false, true);
    }

    /** Returns the same commit point with the tail of a relocation. */
    public CommitPoint withTail(VLogTail newTail) {
        return new CommitPoint(newTail, entries, offsets, position, formats, dirty, written, false);
    }

    /** Returns the same commit point, marked as a clean close. */
    public CommitPoint asCounted() {
        return new CommitPoint(tail, entries, offsets, position, formats, dirty, written, true);
    }

    /** Returns the same commit point with this change of the number of keys. */
    public CommitPoint plus(EntryCount change) {
        return new CommitPoint(tail, entries.plus(change), offsets, position, formats, dirty, written, counted);
    }

    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeByte((dirty ? DIRTY : 0) | (written ? WRITTEN : 0) | (counted ? COUNTED : 0));
            writeEnd(out, tail.longLived());
            writeEnd(out, tail.shortLived());
            writeEnd(out, tail.relocated());
            out.writeInt((int) tail.highestFileId());
            out.writeLong(entries.separated());
            out.writeLong(entries.inlinePuts());
            writeArray(out, formats);
            writeArray(out, position);
            out.writeInt(offsets.size());
            for (Map.Entry<String, Long> offset : new TreeMap<>(offsets).entrySet()) {
                out.writeUTF(offset.getKey());
                out.writeLong(offset.getValue());
            }
            out.writeInt(Checksums.crc32(bytes.toByteArray(), bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Decodes a commit point.
     *
     * @param encoded the result of {@link #encode()}
     * @throws IndexException if the bytes are not a commit point of a supported version
     */
    public static CommitPoint decode(byte[] encoded) throws IndexException {
        int body = encoded.length - Integer.BYTES;
        if (body < 0) {
            throw new IndexDamagedException("commit point of " + encoded.length + " bytes is too short");
        }
        int expected = ByteBuffer.wrap(encoded).getInt(body);
        int found = Checksums.crc32(encoded, body);
        if (expected != found) {
            throw new IndexDamagedException("commit point is damaged: checksum expected "
                    + Integer.toHexString(expected) + ", found " + Integer.toHexString(found));
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded, 0, body))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IndexException("commit point has version " + version + ", this library reads " + VERSION
                        + "; open the store with the library that wrote it");
            }
            int flags = in.readUnsignedByte();
            VLogTail tail = new VLogTail(readEnd(in), readEnd(in), readEnd(in), Integer.toUnsignedLong(in.readInt()));
            EntryCount entries = new EntryCount(in.readLong(), in.readLong());
            byte[] formats = readArray(in);
            byte[] position = readArray(in);
            Map<String, Long> offsets = new TreeMap<>();
            for (int remaining = in.readInt(); remaining > 0; remaining--) {
                offsets.put(in.readUTF(), in.readLong());
            }
            if (in.available() != 0) {
                throw new IndexDamagedException("commit point is damaged: " + in.available() + " bytes are left over");
            }
            return new CommitPoint(
                    tail,
                    entries,
                    offsets,
                    position,
                    formats,
                    (flags & DIRTY) != 0,
                    (flags & WRITTEN) != 0,
                    (flags & COUNTED) != 0);
        } catch (IndexException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new IndexDamagedException("commit point of " + encoded.length + " bytes is damaged", e);
        }
    }

    private static void writeEnd(DataOutputStream out, VLogTail.End end) throws IOException {
        out.writeInt((int) end.fileId());
        out.writeLong(end.length());
    }

    private static VLogTail.End readEnd(DataInputStream in) throws IOException {
        return new VLogTail.End(Integer.toUnsignedLong(in.readInt()), in.readLong());
    }

    private static void writeArray(DataOutputStream out, byte[] array) throws IOException {
        out.writeInt(array.length);
        out.write(array);
    }

    private static byte[] readArray(DataInputStream in) throws IOException {
        int length = in.readInt();
        // Checked before it is allocated: a damaged length must not ask for gigabytes.
        if (length < 0 || length > in.available()) {
            throw new IOException("field of " + length + " bytes, " + in.available() + " left");
        }
        return in.readNBytes(length);
    }
}
