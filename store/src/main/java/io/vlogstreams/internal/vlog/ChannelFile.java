/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link StorageFile} on a channel that interrupts do not close.
 *
 * <p>If a thread is interrupted inside of a call, the JDK closes a {@code FileChannel} for all threads, and a file that
 * was deleted meanwhile cannot be reopened. An {@link AsynchronousFileChannel} ignores interrupts. Here the calling
 * thread executes its reads and writes itself, so they are synchronous. Only on Windows the channel needs its own
 * threads, and the caller waits for one of those.
 *
 * <p>Bytes of a heap buffer go through {@link TransferBuffers}; a direct buffer is used directly.
 *
 * <p>Thread-safe.
 */
final class ChannelFile implements StorageFile {

    private static final @Nullable ExecutorService EXECUTOR =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows") ? null : new Caller();

    private final Path path;
    private final AsynchronousFileChannel channel;

    private ChannelFile(Path path, OpenOption... options) throws IOException {
        this(path, AsynchronousFileChannel.open(path, Set.of(options), EXECUTOR));
    }

    private ChannelFile(Path path, AsynchronousFileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static ChannelFile create(Path path) throws IOException {
        return new ChannelFile(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }

    /** Opens an existing file. Links are not followed, because their targets do not belong to the store. */
    static ChannelFile open(Path path) throws IOException {
        return new ChannelFile(path, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /** Opens a file that is there and gives it another name. */
    static ChannelFile rename(Path path, Path newPath) throws IOException {
        ChannelFile file = open(path);
        try {
            Files.move(path, newPath);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
        return new ChannelFile(newPath, file.channel);
    }

    /** Opens a directory, on which only {@link #sync} makes sense. */
    static ChannelFile openDirectory(Path path) throws IOException {
        return new ChannelFile(path, StandardOpenOption.READ);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        if (source.isDirect()) {
            writeDirect(source, position);
            return;
        }
        long at = position;
        try (LendingPool<ByteBuffer>.Loan loan = TransferBuffers.ofProcess().borrow()) {
            while (source.hasRemaining()) {
                int count = Math.min(source.remaining(), TransferBuffers.BYTES);
                ByteBuffer piece = loan.get().clear().limit(count);
                piece.put(0, source, source.position(), count);
                writeDirect(piece, at);
                source.position(source.position() + count);
                at += count;
            }
        }
    }

    private void writeDirect(ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += call("write to", at, here -> result(channel.write(source, here)));
        }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        if (target.isDirect()) {
            return readDirect(target, position);
        }
        int done = 0;
        try (LendingPool<ByteBuffer>.Loan loan = TransferBuffers.ofProcess().borrow()) {
            while (target.hasRemaining()) {
                int wanted = Math.min(target.remaining(), TransferBuffers.BYTES);
                ByteBuffer piece = loan.get().clear().limit(wanted);
                int count = readDirect(piece, position + done);
                target.put(piece.flip());
                done += count;
                if (count < wanted) {
                    break;
                }
            }
        }
        return done;
    }

    private int readDirect(ByteBuffer target, long position) throws IOException {
        int done = 0;
        while (target.hasRemaining()) {
            long count = call("read", position + done, here -> result(channel.read(target, here)));
            if (count < 0) {
                break;
            }
            done += (int) count;
        }
        return done;
    }

    @Override
    public long size() throws IOException {
        return call("get the size of", 0, here -> channel.size());
    }

    @Override
    public void truncate(long size) throws IOException {
        call("truncate", size, here -> channel.truncate(here).size());
    }

    @Override
    public void sync() throws IOException {
        call("sync", 0, here -> {
            channel.force(true);
            return 0;
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }

    @FunctionalInterface
    private interface ChannelCall {
        long at(long position) throws IOException;
    }

    private long call(String what, long position, ChannelCall call) throws IOException {
        try {
            return call.at(position);
        } catch (FileSystemException e) {
            throw e; // its message names the file
        } catch (IOException e) {
            throw new IOException("Cannot " + what + " " + path + " at offset " + position + ": " + e, e);
        }
    }

    /** Waits for the result of a call, which has already finished except on Windows. */
    private static long result(Future<Integer> call) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return call.get();
                } catch (InterruptedException e) {
                    interrupted = true; // the call continues nevertheless
                }
            }
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof IOException failure ? failure : new IOException(cause);
    }

    /** Runs each task immediately on the calling thread. */
    private static final class Caller extends AbstractExecutorService {

        @Override
        public void execute(Runnable command) {
            command.run();
        }

        /** Does nothing, because the executor is shared by the process. */
        @Override
        public void shutdown() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Runnable> shutdownNow() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }
    }
}
