/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.CrashableIndex;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.Storage;
import io.vlogstreams.internal.vlog.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The files of a store, with checks: each change passes {@link Calls}, which may crash in it; a file id must not be
 * used twice; and a file must not be deleted if the index names it or could name it again. For one thread.
 */
final class WatchedStorage implements Storage {

    private static final int HEADER_BYTES = 31;

    private final FaultyStorage storage;
    private final CrashableIndex index;
    private final Calls calls;

    /** Ids that must not be used again. */
    private final Set<Long> usedIds;

    /** The used ids whose file names are durable. */
    private final Set<Long> durableIds;

    private WatchedStorage(
            FaultyStorage storage, CrashableIndex index, Calls calls, Set<Long> usedIds, Set<Long> durableIds) {
        this.storage = storage;
        this.index = index;
        this.calls = calls;
        this.usedIds = usedIds;
        this.durableIds = durableIds;
    }

    static WatchedStorage empty(FaultyStorage storage, CrashableIndex index, Calls calls) {
        return new WatchedStorage(storage, index, calls, new HashSet<>(), new HashSet<>());
    }

    FaultyStorage storage() {
        return storage;
    }

    /** Returns the storage after the process was killed. */
    WatchedStorage afterKill(FaultyStorage next, CrashableIndex nextIndex, Calls nextCalls) {
        Set<Long> used = new HashSet<>(usedIds);
        for (String name : vlogFiles(next)) {
            if (!hasHeader(next.bytes(name), id(name))) {
                used.remove(id(name));
            }
        }
        return new WatchedStorage(next, nextIndex, nextCalls, used, new HashSet<>(durableIds));
    }

    /** Returns the storage after a power failure, which frees the ids of lost files. */
    WatchedStorage afterPowerFailure(FaultyStorage next, CrashableIndex nextIndex, Calls nextCalls) {
        Set<Long> durable = new HashSet<>(durableIds);
        for (String name : vlogFiles(next)) {
            if (hasHeader(next.bytes(name), id(name))) {
                durable.add(id(name));
            } else {
                durable.remove(id(name)); // the name was durable, but not the header
            }
        }
        return new WatchedStorage(next, nextIndex, nextCalls, new HashSet<>(durable), durable);
    }

    /** A file without a header never held a record, so it cannot be confused with a later file. */
    private static boolean hasHeader(byte[] bytes, long id) {
        return bytes.length >= HEADER_BYTES
                && ByteBuffer.wrap(bytes).getInt(0) == 0x564C4F47
                && ByteBuffer.wrap(bytes).getInt(6) == (int) id
                && (ByteBuffer.wrap(bytes).getShort(4) == 1 || hasHeaderChecksum(bytes));
    }

    /** Version 1 has no checksum, and is accepted with any rest. */
    private static boolean hasHeaderChecksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, HEADER_BYTES - Integer.BYTES);
        return ByteBuffer.wrap(bytes).getInt(HEADER_BYTES - Integer.BYTES) == (int) crc.getValue();
    }

    private static List<String> vlogFiles(FaultyStorage storage) {
        return storage.names().stream().filter(WatchedStorage::isVlogFile).toList();
    }

    private static boolean isVlogFile(String name) {
        return name.endsWith(".vlog");
    }

    private static long id(String name) {
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    @Override
    public List<String> list() throws IOException {
        return storage.list();
    }

    @Override
    public StorageFile create(String name) throws IOException {
        calls.next();
        if (isVlogFile(name)) {
            checkIsNotUsed(id(name));
        }
        StorageFile file = storage.create(name);
        if (isVlogFile(name)) {
            usedIds.add(id(name));
        }
        return new WatchedFile(file);
    }

    private void checkIsNotUsed(long fileId) {
        calls.check(() -> assertThat(usedIds).as("ids used before").doesNotContain(fileId));
    }

    @Override
    public StorageFile open(String name) throws IOException {
        return new WatchedFile(storage.open(name));
    }

    @Override
    public void delete(String name) throws IOException {
        calls.next();
        checkIsNotNamed(name);
        storage.delete(name);
    }

    /** Invariant 4: neither the index nor any that a power failure could bring back names the file. */
    private void checkIsNotNamed(String name) throws IOException {
        boolean named = index.anySurvivorNames(id(name));
        calls.check(() -> assertThat(named)
                .as("a file that is named is deleted: %s", name)
                .isFalse());
    }

    @Override
    public boolean overwritesInPlace() {
        return storage.overwritesInPlace();
    }

    @Override
    public StorageFile recycle(String name, String newName) throws IOException {
        calls.next();
        checkIsNotNamed(name);
        checkIsNotUsed(id(newName));
        StorageFile file = storage.recycle(name, newName);
        usedIds.add(id(newName));
        return new WatchedFile(file);
    }

    @Override
    public void sync() throws IOException {
        calls.next();
        storage.sync();
        for (String name : vlogFiles(storage)) {
            if (hasHeader(storage.bytes(name), id(name))) {
                durableIds.add(id(name));
            }
        }
    }

    @Override
    public long usableBytes() {
        return storage.usableBytes();
    }

    @Override
    public String location() {
        return storage.location();
    }

    private final class WatchedFile implements StorageFile {

        private final StorageFile file;

        WatchedFile(StorageFile file) {
            this.file = file;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            if (calls.stopsInNext() && source.remaining() > 1) {
                file.write(source.slice(source.position(), source.remaining() / 2), position);
            }
            calls.next();
            file.write(source, position);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            calls.next();
            file.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            calls.next();
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
