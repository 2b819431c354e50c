/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Options;

/**
 * The user's say in how RocksDB is set up. RocksDB's native library is loaded before any of its methods is called, and
 * not before the tuning is made.
 */
public interface IndexTuning {

    IndexTuning NONE = new IndexTuning() {
        @Override
        public void tune(Options options) {}

        @Override
        public void release(Options options) {}
    };

    /** The object that {@link #tune} is to find as the table format of the options; the index fills it in. */
    default BlockBasedTableConfig newTableConfig() {
        return new BlockBasedTableConfig();
    }

    /** Called once, before the index is opened. */
    void tune(Options options);

    /**
     * Frees what {@link #tune} allocated. Called once if that came to its end, after the index is closed or could not
     * be opened.
     */
    void release(Options options);
}
