/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The documents that were sent, as the store must have them: digests instead of contents, in the order of their first
 * versions. Not thread-safe.
 */
final class SentDocuments {
    private final Map<String, Document> documents = new LinkedHashMap<>();
    private long bytesSent;

    /**
     * The newest version of a document.
     *
     * @param sha256 digest of its content; null when it is deleted
     * @param bytes length of its content; 0 when it is deleted
     * @param revisions how many versions were sent, a deletion being one
     */
    record Document(@Nullable String sha256, long bytes, long revisions) {

        boolean deleted() {
            return sha256 == null;
        }

        /** Returns whether this is the file as it was read, neither changed nor deleted by the example since. */
        boolean original() {
            return revisions == 1;
        }
    }

    void put(String key, byte[] content) {
        documents.put(key, new Document(Sha256.of(content), content.length, revisions(key) + 1));
        bytesSent += content.length;
    }

    void delete(String key) {
        documents.put(key, new Document(null, 0, revisions(key) + 1));
    }

    private long revisions(String key) {
        var before = documents.get(key);
        return before == null ? 0 : before.revisions();
    }

    /** Returns all documents, including deleted ones. Not a copy. */
    Map<String, Document> all() {
        return documents;
    }

    /** Returns the number of documents that are not deleted. */
    long liveCount() {
        return documents.values().stream()
                .filter(document -> !document.deleted())
                .count();
    }

    /** Returns the total size of the documents that are not deleted. */
    long liveBytes() {
        return documents.values().stream().mapToLong(Document::bytes).sum();
    }

    /** Returns the total size of all versions that were sent. */
    long bytesSent() {
        return bytesSent;
    }
}
