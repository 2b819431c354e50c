/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What Linux tells of this process in {@code /proc/self}. On other systems everything is absent. Any thread. */
final class ProcessFile {

    private static final Path FOLDER = Path.of("/proc/self");

    private ProcessFile() {}

    /** Bytes given to write calls, to whatever they were written. */
    static OptionalLong writtenBytes() {
        return number("io", "wchar");
    }

    /** Bytes that went to the disk or will; what was deleted before it got there does not count. */
    static OptionalLong diskWrittenBytes() {
        OptionalLong written = number("io", "write_bytes");
        OptionalLong cancelled = number("io", "cancelled_write_bytes");
        return written.isPresent() && cancelled.isPresent()
                ? OptionalLong.of(written.getAsLong() - cancelled.getAsLong())
                : OptionalLong.empty();
    }

    static OptionalLong residentBytes() {
        return kibibytes("VmRSS");
    }

    /** The most memory that was resident since {@link #resetPeak()}. */
    static OptionalLong residentBytesPeak() {
        return kibibytes("VmHWM");
    }

    /** Where the kernel does not allow it, peaks are those since the process started. */
    static void resetPeak() {
        try {
            Files.writeString(FOLDER.resolve("clear_refs"), "5");
        } catch (IOException ignored) {
            // The figure is then larger than it could be, which is the worst that happens.
        }
    }

    static OptionalLong openFiles() {
        try (Stream<Path> files = Files.list(FOLDER.resolve("fd"))) {
            return OptionalLong.of(files.count());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong kibibytes(String name) {
        OptionalLong kibibytes = number("status", name);
        return kibibytes.isPresent() ? OptionalLong.of(kibibytes.getAsLong() << 10) : kibibytes;
    }

    private static OptionalLong number(String file, String name) {
        try (Stream<String> lines = Files.lines(FOLDER.resolve(file))) {
            return lines.filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
