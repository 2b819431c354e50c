/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import org.rocksdb.Options;

/** The user's say in how RocksDB is set up; called once before the index is opened and once after it is closed. */
public interface IndexTuning {

    IndexTuning NONE = new IndexTuning() {
        @Override
        public void tune(Options options) {}

        @Override
        public void release(Options options) {}
    };

    void tune(Options options);

    /** Frees what {@link #tune} allocated. */
    void release(Options options);
}
