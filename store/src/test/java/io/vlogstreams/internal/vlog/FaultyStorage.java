/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.IntUnaryOperator;

/**
 * An in-memory {@link Storage} with failures, crashes and damage. Like a real one it distinguishes readable from
 * durable bytes.
 *
 * <ul>
 *   <li>{@link #failCall} makes one call fail, {@link #failAlways} all calls of some kinds until {@link #heal}. A
 *       failed write has written half of its bytes. A failed creation may have created the file. A failed file sync
 *       drops the bytes that it should have made durable, and the next one succeeds without them.
 *   <li>{@link #limitTo} makes the disk full.
 *   <li>{@link #crash} is a power failure: unsynced bytes and names are lost, completely or in part, or torn.
 *   <li>{@link #kill} ends only the process: all written data survives.
 *   <li>{@link #flipBit} and {@link #cut} damage a file.
 *   <li>{@link #beforeCall} runs a hook, which may wait, in the middle of a call.
 * </ul>
 *
 * <p>After a crash or kill this object and its open files only throw; the returned one continues. All randomness comes
 * from the given seeds, so failures are reproducible.
 *
 * <p>Thread-safe.
 */
public final class FaultyStorage implements Storage {

    /** The calls that can fail. */
    public enum Operation {
        LIST,
        CREATE,
        OPEN,
        DELETE,
        RECYCLE,
        SYNC_NAMES,
        WRITE,
        READ,
        SIZE,
        TRUNCATE,
        SYNC,
        CLOSE
    }

    /** An injected failure. */
    public static final class InjectedException extends IOException {
        private static final long serialVersionUID = 1L;

        InjectedException(String message) {
            super(message);
        }
    }

    private static final long NEVER = -1;

    private final Map<String, FaultyNode> names = new TreeMap<>();
    private final Map<String, FaultyNode> durableNames = new TreeMap<>();
    private final List<NameChange> unsyncedNames = new ArrayList<>();
    private final Random random;

    private long calls;
    private long callsToFailure = NEVER;
    private Set<Operation> failing = EnumSet.noneOf(Operation.class);
    private Set<Operation> failingAlways = EnumSet.noneOf(Operation.class);
    private long limitBytes = Long.MAX_VALUE;
    private int openFiles;
    private boolean dead;
    private volatile BiConsumer<Operation, String> beforeCall = (operation, name) -> {};

    /** A creation, a deletion if there is no node, or another name for the node of an old one. */
    private record NameChange(String name, FaultyNode node, String oldName) {

        NameChange(String name, FaultyNode node) {
            this(name, node, null);
        }

        void applyTo(Map<String, FaultyNode> directory) {
            if (oldName != null) {
                directory.remove(oldName);
            }
            if (node == null) {
                directory.remove(name);
            } else {
                directory.put(name, node);
            }
        }
    }

    public FaultyStorage() {
        this(0);
    }

    /** The seed decides whether a failing creation leaves a file. */
    public FaultyStorage(long seed) {
        this.random = new Random(seed);
    }

    /** Makes the n-th call from now fail, once; 1 is the next one. Counts all kinds of calls if none is given. */
    public synchronized void failCall(long n, Operation... kinds) {
        callsToFailure = n;
        failing = kinds.length == 0 ? EnumSet.allOf(Operation.class) : EnumSet.copyOf(List.of(kinds));
    }

    /** Returns whether the failure of {@link #failCall} has happened. */
    public synchronized boolean hasFailed() {
        return callsToFailure == 0;
    }

    /** Makes all calls of these kinds fail until {@link #heal}. */
    public synchronized void failAlways(Operation... kinds) {
        failingAlways = EnumSet.copyOf(List.of(kinds));
    }

    /** Ends all failures, and removes the limit of the disk. */
    public synchronized void heal() {
        callsToFailure = NEVER;
        failingAlways = EnumSet.noneOf(Operation.class);
        limitBytes = Long.MAX_VALUE;
    }

    /** Makes the disk full when all files together have this many bytes; the write that exceeds it stops there. */
    public synchronized void limitTo(long totalBytes) {
        limitBytes = totalBytes;
    }

    /**
     * Called before each call, outside the storage's lock, with the kind and the file's name (empty if there is none).
     */
    public void beforeCall(BiConsumer<Operation, String> hook) {
        beforeCall = hook;
    }

    /** Simulates a power failure. Returns the storage of the next process. */
    public synchronized FaultyStorage crash(long seed) {
        dead = true;
        Random luck = new Random(seed);
        Map<String, FaultyNode> left = new TreeMap<>(durableNames);
        double keep = luck.nextInt(3) / 2.0;
        for (NameChange change : unsyncedNames) {
            if (luck.nextDouble() < keep) {
                change.applyTo(left);
            }
        }
        FaultyStorage next = new FaultyStorage(seed);
        left.forEach((name, node) -> {
            FaultyNode survivor = node.survivor(luck);
            next.names.put(name, survivor);
            next.durableNames.put(name, survivor);
        });
        return next;
    }

    /**
     * Simulates a power failure with the caller's choices: each is made from a number of possibilities, counted from 0.
     * It can be called again, for other choices at the same moment.
     */
    public synchronized FaultyStorage crash(IntUnaryOperator choices) {
        dead = true;
        Map<String, FaultyNode> left = new TreeMap<>(durableNames);
        for (NameChange change : unsyncedNames) {
            if (choices.applyAsInt(2) == 1) {
                change.applyTo(left);
            }
        }
        FaultyStorage next = new FaultyStorage();
        left.forEach((name, node) -> next.put(name, node.survivor(choices).bytes()));
        return next;
    }

    /** Kills the process. Returns the storage of the next process, with all data, durable or not as before. */
    public synchronized FaultyStorage kill() {
        dead = true;
        FaultyStorage next = new FaultyStorage(random.nextLong());
        next.names.putAll(names);
        next.durableNames.putAll(durableNames);
        next.unsyncedNames.addAll(unsyncedNames);
        return next;
    }

    /** Returns the number of calls so far. */
    public synchronized long calls() {
        return calls;
    }

    /** Returns the number of open files. */
    public synchronized int openFiles() {
        return openFiles;
    }

    /** Returns the names of all files; never fails. */
    public synchronized List<String> names() {
        return List.copyOf(names.keySet());
    }

    /** Returns the readable bytes of a file. */
    public synchronized byte[] bytes(String name) {
        return names.get(name).bytes();
    }

    /** Durably creates or replaces a file. */
    public synchronized void put(String name, byte[] bytes) {
        FaultyNode node = FaultyNode.durable(bytes);
        names.put(name, node);
        durableNames.put(name, node);
    }

    /** Durably removes a file. */
    public synchronized void remove(String name) {
        names.remove(name);
        durableNames.remove(name);
    }

    /** Flips one bit of a file; bit 8 is the lowest of the second byte. */
    public synchronized void flipBit(String name, long bit) {
        byte[] bytes = bytes(name);
        bytes[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
        put(name, bytes);
    }

    /** Truncates a file to its first bytes. */
    public synchronized void cut(String name, int size) {
        put(name, Arrays.copyOf(bytes(name), size));
    }

    @Override
    public List<String> list() throws IOException {
        beforeCall.accept(Operation.LIST, "");
        synchronized (this) {
            count(Operation.LIST, "");
            return List.copyOf(names.keySet());
        }
    }

    @Override
    public StorageFile create(String name) throws IOException {
        beforeCall.accept(Operation.CREATE, name);
        synchronized (this) {
            if (names.containsKey(name)) {
                throw new FileAlreadyExistsException(name);
            }
            FaultyNode node = new FaultyNode();
            change(Operation.CREATE, name, new NameChange(name, node));
            return new OpenNode(name, node);
        }
    }

    @Override
    public StorageFile open(String name) throws IOException {
        beforeCall.accept(Operation.OPEN, name);
        synchronized (this) {
            count(Operation.OPEN, name);
            return new OpenNode(name, existing(name));
        }
    }

    @Override
    public void delete(String name) throws IOException {
        beforeCall.accept(Operation.DELETE, name);
        synchronized (this) {
            count(Operation.DELETE, name);
            existing(name);
            change(new NameChange(name, null));
        }
    }

    @Override
    public boolean overwritesInPlace() {
        return true;
    }

    @Override
    public StorageFile recycle(String name, String newName) throws IOException {
        beforeCall.accept(Operation.RECYCLE, name);
        synchronized (this) {
            FaultyNode node = existing(name);
            if (names.containsKey(newName)) {
                throw new FileAlreadyExistsException(newName);
            }
            change(Operation.RECYCLE, name, new NameChange(newName, node, name));
            return new OpenNode(newName, node);
        }
    }

    @Override
    public void sync() throws IOException {
        beforeCall.accept(Operation.SYNC_NAMES, "");
        synchronized (this) {
            count(Operation.SYNC_NAMES, "");
            unsyncedNames.forEach(change -> change.applyTo(durableNames));
            unsyncedNames.clear();
        }
    }

    @Override
    public synchronized long usableBytes() {
        return Math.max(0, limitBytes - usedBytes());
    }

    @Override
    public String location() {
        return "/faulty/vlog";
    }

    /** A call that fails may have changed the names all the same. */
    private void change(Operation operation, String name, NameChange change) throws IOException {
        try {
            count(operation, name);
        } catch (InjectedException e) {
            if (random.nextBoolean()) {
                change(change);
            }
            throw e;
        }
        change(change);
    }

    private void change(NameChange change) {
        change.applyTo(names);
        unsyncedNames.add(change);
    }

    private FaultyNode existing(String name) throws NoSuchFileException {
        FaultyNode node = names.get(name);
        if (node == null) {
            throw new NoSuchFileException(name);
        }
        return node;
    }

    private void count(Operation operation, String name) throws IOException {
        if (dead) {
            throw new IOException("this storage has crashed");
        }
        calls++;
        boolean itsTurn = callsToFailure > 0 && failing.contains(operation) && --callsToFailure == 0;
        if (itsTurn || failingAlways.contains(operation)) {
            throw new InjectedException("injected failure of " + operation + " " + name);
        }
    }

    private long usedBytes() {
        return names.values().stream().mapToLong(FaultyNode::size).sum();
    }

    /** An open file. A deleted one can still be used. */
    private final class OpenNode implements StorageFile {
        private final String name;
        private final FaultyNode node;
        private boolean closed;

        OpenNode(String name, FaultyNode node) {
            this.name = name;
            this.node = node;
            openFiles++;
        }

        private void call(Operation operation) throws IOException {
            if (closed) {
                throw new IOException(name + " is closed");
            }
            count(operation, name);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            beforeCall.accept(Operation.WRITE, name);
            synchronized (FaultyStorage.this) {
                try {
                    call(Operation.WRITE);
                } catch (InjectedException e) {
                    writeFirst(source.remaining() / 2, source, position);
                    throw e;
                }
                long growth = Math.max(0, position + source.remaining() - node.size());
                long missing = Math.max(0, growth - Math.max(0, limitBytes - usedBytes()));
                writeFirst((int) Math.max(0, source.remaining() - missing), source, position);
                if (missing > 0) {
                    throw new IOException("No space left on device");
                }
            }
        }

        private void writeFirst(int count, ByteBuffer source, long position) {
            byte[] bytes = new byte[count];
            source.get(bytes);
            if (count > 0) {
                node.write(bytes, position);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            beforeCall.accept(Operation.READ, name);
            synchronized (FaultyStorage.this) {
                call(Operation.READ);
                return node.read(target, position);
            }
        }

        @Override
        public long size() throws IOException {
            beforeCall.accept(Operation.SIZE, name);
            synchronized (FaultyStorage.this) {
                call(Operation.SIZE);
                return node.size();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            beforeCall.accept(Operation.TRUNCATE, name);
            synchronized (FaultyStorage.this) {
                call(Operation.TRUNCATE);
                node.truncate(size);
            }
        }

        @Override
        public void sync() throws IOException {
            beforeCall.accept(Operation.SYNC, name);
            synchronized (FaultyStorage.this) {
                try {
                    call(Operation.SYNC);
                } catch (InjectedException e) {
                    node.failSync();
                    throw e;
                }
                node.sync();
            }
        }

        @Override
        public void close() throws IOException {
            beforeCall.accept(Operation.CLOSE, name);
            synchronized (FaultyStorage.this) {
                if (closed) {
                    return;
                }
                closed = true;
                openFiles--;
                count(Operation.CLOSE, name);
            }
        }
    }
}
