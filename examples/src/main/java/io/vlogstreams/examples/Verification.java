/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** Compares the answers of the stores to interactive queries with the documents that were sent, and with the files. */
final class Verification {
    private final DocumentStreams streams;
    private final SentDocuments sent;
    private final FileSource files;
    private final List<String> differences = new ArrayList<>();

    Verification(DocumentStreams streams, SentDocuments sent, FileSource files) {
        this.streams = streams;
        this.sent = sent;
        this.files = files;
    }

    /**
     * The outcome.
     *
     * @param documents the number of documents in the store
     * @param bytes the total size of these documents
     * @param changedOnDisk the number of files that have changed since they were sent, so that only digests were
     *     compared
     * @param readTime the time spent in the store, without reading files and computing digests
     * @param differences a line for each deviation
     */
    record Result(long documents, long bytes, long changedOnDisk, Duration readTime, List<String> differences) {}

    /** Gets every document ever sent by its key, then counts them in one scan of the whole store. */
    Result everything(ProgressLine progress) {
        ReadOnlyKeyValueStore<String, byte[]> documents = streams.store(DocumentTopology.DOCUMENTS);
        ReadOnlyKeyValueStore<String, Long> revisions = streams.store(DocumentTopology.REVISIONS);
        long found = 0;
        long bytes = 0;
        long changedOnDisk = 0;
        long readNanos = 0;
        for (var entry : sent.all().entrySet()) {
            var key = entry.getKey();
            var document = entry.getValue();
            long start = System.nanoTime();
            byte @Nullable [] content = documents.get(key);
            readNanos += System.nanoTime() - start;
            compare(key, document, content);
            compare(key, document, revisions.get(key));
            if (content != null) {
                found++;
                bytes += content.length;
            }
            if (document.original() && !sameOnDisk(key, document)) {
                changedOnDisk++;
            }
            progress.tick(progressText(found, bytes));
        }
        countInScan(documents);
        return new Result(found, bytes, changedOnDisk, Duration.ofNanos(readNanos), List.copyOf(differences));
    }

    /** Runs a prefix query for a folder with many documents; returns a description of the result. */
    String largestFolder() {
        var prefix = largestFolderName();
        ReadOnlyKeyValueStore<String, byte[]> documents = streams.store(DocumentTopology.DOCUMENTS);
        long found = 0;
        try (KeyValueIterator<String, byte[]> iterator = documents.prefixScan(prefix, new StringSerializer())) {
            while (iterator.hasNext()) {
                var entry = iterator.next();
                compare(entry.key, sent.all().get(entry.key), entry.value);
                found++;
            }
        }
        long expected = sent.all().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .filter(entry -> !entry.getValue().deleted())
                .count();
        if (found != expected) {
            differences.add("prefix " + prefix + ": " + found + " documents instead of " + expected);
        }
        return String.format("%,d documents start with %s", found, prefix);
    }

    private static Supplier<String> progressText(long documents, long bytes) {
        return () -> String.format("%,d documents, %s read back", documents, ByteSize.format(bytes));
    }

    private void compare(String key, SentDocuments.@Nullable Document document, byte @Nullable [] content) {
        var expected = document == null ? null : document.sha256();
        if (content == null) {
            if (expected != null) {
                differences.add(key + ": missing in the store");
            }
        } else if (expected == null) {
            differences.add(key + ": in the store, but was deleted or never sent");
        } else if (!Sha256.of(content).equals(expected)) {
            differences.add(key + ": other content than was sent, " + content.length + " bytes");
        }
    }

    private void compare(String key, SentDocuments.Document document, @Nullable Long revisions) {
        if (revisions == null || revisions != document.revisions()) {
            differences.add(key + ": " + revisions + " revisions instead of " + document.revisions());
        }
    }

    private boolean sameOnDisk(String key, SentDocuments.Document document) {
        return files.reread(key)
                .map(content -> Sha256.of(content).equals(document.sha256()))
                .orElse(false);
    }

    private void countInScan(ReadOnlyKeyValueStore<String, byte[]> documents) {
        long count = 0;
        try (KeyValueIterator<String, byte[]> iterator = documents.all()) {
            while (iterator.hasNext()) {
                iterator.next();
                count++;
            }
        }
        if (count != sent.liveCount()) {
            differences.add("a scan of the whole store finds " + count + " documents instead of " + sent.liveCount());
        }
    }

    /** Returns the folder with the most documents, but at most half of all; if there is none, any folder. */
    private String largestFolderName() {
        Map<String, Long> folders = sent.all().entrySet().stream()
                .filter(entry -> !entry.getValue().deleted())
                .flatMap(entry -> foldersOf(entry.getKey()))
                .collect(Collectors.groupingBy(folder -> folder, Collectors.counting()));
        return folders.entrySet().stream()
                .filter(folder -> folder.getValue() <= sent.liveCount() / 2)
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .or(() -> folders.keySet().stream().max(Comparator.comparingInt(String::length)))
                .orElse("");
    }

    /** Returns the folders with a trailing separator, so that none is the prefix of a folder with a longer name. */
    private static Stream<String> foldersOf(String key) {
        return IntStream.range(0, key.length())
                .filter(i -> key.charAt(i) == File.separatorChar)
                .mapToObj(i -> key.substring(0, i + 1));
    }
}
