/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Options;

/**
 * The user's tuning of RocksDB. RocksDB's native library is loaded before any method of the tuning is called, but
 * possibly after the tuning is created.
 */
public interface IndexTuning {

    IndexTuning NONE = new IndexTuning() {
        @Override
        public void tune(Options options) {}

        @Override
        public void release(Options options) {}
    };

    /** Creates the object that {@link #tune} finds as the table format of the options; the index fills it in. */
    default BlockBasedTableConfig newTableConfig() {
        return new BlockBasedTableConfig();
    }

    /** Called once, before the index is opened. */
    void tune(Options options);

    /**
     * Frees what {@link #tune} allocated. Called once, if {@code tune} returned normally, after the index was closed or
     * could not be opened.
     */
    void release(Options options);
}
