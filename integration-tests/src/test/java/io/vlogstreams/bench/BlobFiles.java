/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * RocksDB's own separation of keys and values, BlobDB, with the default settings of its garbage collection and with
 * Kafka's universal compaction.
 */
public class BlobFiles implements RocksDBConfigSetter {

    private static final int BLOB_BYTES_MIN = 1024;

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        options.setEnableBlobFiles(true);
        options.setMinBlobSize(BLOB_BYTES_MIN);
        options.setEnableBlobGarbageCollection(true);
        options.setBlobGarbageCollectionAgeCutoff(0.25);
    }

    @Override
    public void close(String storeName, Options options) {
        // Nothing was allocated.
    }
}
