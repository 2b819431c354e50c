/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * Distinguishes damage of the index from all other errors of RocksDB: a lock, permissions, a full disk, too many open
 * files, an unknown option. Stateless.
 */
final class RocksDbErrors {

    /** The message for RocksDB's own space limit, a user option, which has no sub-code on the Java side. */
    private static final String SPACE_LIMIT = "Max allowed space";

    private RocksDbErrors() {}

    static IndexException translate(String message, RocksDBException cause) {
        String whole = message + ": " + cause.getMessage();
        return isDamage(cause) ? new IndexDamagedException(whole, cause) : new IndexException(whole, cause);
    }

    static boolean isDamage(RocksDBException error) {
        Status status = error.getStatus();
        if (status == null) {
            return false;
        }
        return status.getCode() == Status.Code.Corruption || isMissingFile(status);
    }

    /** RocksDB reports "path not found" with a sub-code that its Java side does not know. */
    private static boolean isMissingFile(Status status) {
        String state = status.getState() == null ? "" : status.getState();
        return status.getCode() == Status.Code.IOError
                && (status.getSubCode() == Status.SubCode.Undefined || state.contains("No such file"))
                && !state.contains(SPACE_LIMIT);
    }
}
