/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A {@link StorageFile} on a {@link FileChannel} that survives interrupts.
 *
 * <p>The JDK closes a file channel, for everybody, when a thread is interrupted inside one of its calls. Here a call
 * first hides the thread's interrupt; if an interrupt still closes the channel in the middle of it, whoever notices
 * reopens the file and makes the call again, which changes nothing because every position is explicit. The thread gets
 * its interrupt back at the end.
 *
 * <p>Thread-safe.
 */
final class ChannelFile implements StorageFile {

    /**
     * The JDK copies a heap buffer to a direct one as large as the transfer and keeps that per thread. Smaller transfers
     * keep it small.
     */
    private static final int MAX_TRANSFER_BYTES = 256 * 1024;

    private final Path path;
    private final Set<OpenOption> reopenOptions;
    private volatile FileChannel channel;
    private volatile boolean closed;

    private ChannelFile(Path path, FileChannel channel, Set<OpenOption> reopenOptions) {
        this.path = path;
        this.channel = channel;
        this.reopenOptions = reopenOptions;
    }

    static ChannelFile create(Path path) throws IOException {
        FileChannel channel = openChannel(
                path, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
        return new ChannelFile(path, channel, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    static ChannelFile open(Path path) throws IOException {
        Set<OpenOption> options = Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new ChannelFile(path, openChannel(path, options), options);
    }

    /** Opens a directory, on which only {@link #sync} makes sense. */
    static ChannelFile openDirectory(Path path) throws IOException {
        Set<OpenOption> options = Set.of(StandardOpenOption.READ);
        return new ChannelFile(path, openChannel(path, options), options);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        int end = source.limit();
        long at = position;
        while (source.position() < end) {
            int start = source.position();
            int stop = (int) Math.min(end, (long) start + MAX_TRANSFER_BYTES);
            long here = at;
            at += call("write to", here, open -> open.write(source.limit(stop).position(start), here));
            source.limit(end);
        }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int first = target.position();
        int end = target.limit();
        while (target.position() < end) {
            int start = target.position();
            int stop = (int) Math.min(end, (long) start + MAX_TRANSFER_BYTES);
            long here = position + (start - first);
            long count = call("read", here, open -> open.read(target.limit(stop).position(start), here));
            target.limit(end);
            if (count < 0) {
                break;
            }
        }
        return target.position() - first;
    }

    @Override
    public long size() throws IOException {
        return call("get the size of", 0, FileChannel::size);
    }

    @Override
    public void truncate(long size) throws IOException {
        call("truncate", size, open -> open.truncate(size).size());
    }

    @Override
    public void sync() throws IOException {
        call("sync", 0, open -> {
            open.force(true);
            return 0;
        });
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }

    @FunctionalInterface
    private interface ChannelCall {
        long on(FileChannel open) throws IOException;
    }

    private long call(String what, long position, ChannelCall call) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                FileChannel current = channel;
                try {
                    return call.on(current);
                } catch (ClosedChannelException e) { // also ClosedByInterrupt- and AsynchronousCloseException
                    interrupted |= Thread.interrupted();
                    reopen(current, e);
                }
            }
        } catch (ClosedChannelException | java.nio.file.FileSystemException e) {
            throw e; // closed by close(), or already says which file
        } catch (IOException e) {
            throw new IOException("Cannot " + what + " " + path + " at offset " + position + ": " + e.getMessage(), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void reopen(FileChannel broken, ClosedChannelException reason) throws IOException {
        if (closed) {
            throw reason;
        }
        if (channel == broken) { // else another thread has been here
            channel = openChannel(path, reopenOptions);
        }
    }

    private static FileChannel openChannel(Path path, Set<OpenOption> options) throws IOException {
        return FileChannel.open(path, options);
    }
}
