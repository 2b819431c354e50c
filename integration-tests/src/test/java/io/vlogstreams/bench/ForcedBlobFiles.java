/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;
import org.rocksdb.CompactionStyle;
import org.rocksdb.Options;

/** BlobDB with bounded space: leveled compaction, the only one that forces the garbage collection of blob files. */
public final class ForcedBlobFiles extends BlobFiles {

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        super.setConfig(storeName, options, configs);
        options.setCompactionStyle(CompactionStyle.LEVEL);
        options.setBlobGarbageCollectionAgeCutoff(1.0);
        options.setBlobGarbageCollectionForceThreshold(0.5);
    }
}
