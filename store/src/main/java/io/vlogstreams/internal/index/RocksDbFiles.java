/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a RocksDB database that is not open. Checks them before RocksDB opens them, and deletes them. For one
 * thread.
 *
 * @param folder the folder of the database
 */
record RocksDbFiles(Path folder) {

    private static final Logger LOG = LoggerFactory.getLogger(RocksDbFiles.class);

    private static final String CURRENT = "CURRENT";
    private static final Pattern WRITE_AHEAD_LOG = Pattern.compile("\\d+\\.log");
    private static final Pattern TABLE = Pattern.compile("\\d+\\.sst");
    private static final Pattern MANIFEST = Pattern.compile("MANIFEST-\\d+");
    private static final Pattern OPTIONS = Pattern.compile("OPTIONS-\\d+");
    private static final Pattern VERSION = Pattern.compile("rocksdb_version=(\\d+)\\.(\\d+)");

    /**
     * Checks the logs for damage that RocksDB does not detect, or does not return from. A write-ahead log is truncated
     * at the first damage, after which RocksDB would not read it either: after a power failure its end may be anything.
     * If committed writes are lost that way, the {@link WriteCount} reveals it.
     *
     * @throws IndexDamagedException if the MANIFEST is damaged, or the file that names it is missing
     */
    void checkLogs() throws IOException {
        List<Path> logs = named(WRITE_AHEAD_LOG);
        if (!Files.exists(folder.resolve(CURRENT))) {
            checkIsNew(logs);
            return;
        }
        checkManifest();
        for (Path file : logs) {
            RocksDbLog log = RocksDbLog.read(file);
            if (log.damage() != null) {
                cut(file, log);
            }
        }
    }

    /** Checks that there are no old tables, beside which RocksDB would create a new database. */
    private void checkIsNew(List<Path> logs) throws IOException {
        if (!logs.isEmpty() || !named(TABLE).isEmpty()) {
            throw damaged("the file " + CURRENT + " is missing in " + folder);
        }
    }

    private void checkManifest() throws IOException {
        String name = Files.readString(folder.resolve(CURRENT), StandardCharsets.ISO_8859_1)
                .strip();
        // RocksDB itself detects any other content.
        if (MANIFEST.matcher(name).matches() && Files.isRegularFile(folder.resolve(name))) {
            RocksDbLog log = RocksDbLog.read(folder.resolve(name));
            if (log.damage() != null) {
                throw damaged(log.damage());
            }
        }
    }

    private static IndexDamagedException damaged(String found) {
        return new IndexDamagedException("the index is damaged: " + found);
    }

    private static void cut(Path file, RocksDbLog log) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            LOG.warn(
                    "A write-ahead log of an index is damaged: {}. It is cut from {} to {} bytes: the store goes back"
                            + " to the commit before that, and what came later is restored from its changelog",
                    log.damage(),
                    open.length(),
                    log.wholeBytes());
            open.setLength(log.wholeBytes());
        }
    }

    /** Returns whether a later version of RocksDB wrote the index, as far as the files tell. */
    boolean areNewerThan(int major, int minor) throws IOException {
        for (Path options : named(OPTIONS)) {
            Matcher version = VERSION.matcher(Files.readString(options, StandardCharsets.ISO_8859_1));
            if (version.find()) {
                int writtenMajor = Integer.parseInt(version.group(1));
                int writtenMinor = Integer.parseInt(version.group(2));
                if (writtenMajor > major || (writtenMajor == major && writtenMinor > minor)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Deletes the folder and its files; first the file without which RocksDB rejects the rest, in case of a crash. */
    void delete() throws IOException {
        Files.deleteIfExists(folder.resolve(CURRENT));
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // The folder does not exist.
        }
    }

    /** Returns the files in the order of their numbers, which may differ in length. */
    private List<Path> named(Pattern name) throws IOException {
        List<Path> named = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (name.matcher(file.getFileName().toString()).matches()) {
                    named.add(file);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        named.sort(
                Comparator.<Path>comparingInt(file -> file.toString().length()).thenComparing(Path::toString));
        return named;
    }
}
