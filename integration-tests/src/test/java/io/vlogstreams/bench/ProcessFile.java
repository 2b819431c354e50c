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

/** Reads {@code /proc/self}. On systems other than Linux all figures are absent. Thread-safe. */
final class ProcessFile {

    private static final Path FOLDER = Path.of("/proc/self");

    private ProcessFile() {}

    /** Returns the bytes passed to write calls, whatever their target. */
    static OptionalLong writtenBytes() {
        return number("io", "wchar");
    }

    /** Returns the bytes written to the disk, now or later, without those that were deleted before. */
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

    /** Returns the peak of the resident memory since {@link #resetPeak()}. */
    static OptionalLong residentBytesPeak() {
        return kibibytes("VmHWM");
    }

    /** Resets the peak. If the kernel does not allow it, peaks are those since the process started. */
    static void resetPeak() {
        try {
            Files.writeString(FOLDER.resolve("clear_refs"), "5");
        } catch (IOException ignored) {
            // Then the figure is too large, at worst.
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
