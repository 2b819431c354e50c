/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.KafkaOnClassPath;
import io.vlogstreams.VLogConfig;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * A random configuration of a store.
 *
 * @param properties the Streams properties
 * @param compressions the compressions of successive openings, cyclic
 * @param forgetful whether uncommitted writes must be gone after a close or a kill
 * @param transactional whether each commit is confirmed
 * @param maySpill whether limits are so small that writes may reach the index before a commit
 */
record RandomOptions(
        Map<String, Object> properties,
        List<String> compressions,
        boolean forgetful,
        boolean transactional,
        boolean maySpill) {

    static RandomOptions of(long seed) {
        Random random = new Random(~seed);
        Map<String, Object> properties = new TreeMap<>();
        properties.put(VLogConfig.THRESHOLD_BYTES, oneOf(random, 0, 0, 64, 64, Integer.MAX_VALUE));
        int maxFileBytes = oneOf(random, 1024, 4096, 4096, 1 << 26);
        properties.put(VLogConfig.FILE_BYTES_MAX, maxFileBytes);
        properties.put(VLogConfig.SPACE_AMPLIFICATION_MAX, "1." + oneOf(random, 1, 2, 5));
        properties.put(VLogConfig.APPEND_BUFFER_BYTES, oneOf(random, 1024, 65536));
        properties.put(VLogConfig.CACHE_BYTES, oneOf(random, 0, 0, 20_000));
        properties.put(VLogConfig.OPEN_FILES_MAX, oneOf(random, 1, 2, 64));
        int maxStagedBytes = oneOf(random, 0, 2000, 20_000, 1 << 24, 1 << 24, 1 << 24);
        properties.put(VLogConfig.STAGED_BYTES_MAX, maxStagedBytes);
        properties.put(VLogConfig.CHECKSUM_LEVEL, random.nextInt(4) == 0 ? "disabled" : "full");
        properties.put(VLogConfig.SYNC_POLICY, random.nextInt(16) == 0 ? "commit" : "none");
        boolean exactlyOnce = random.nextBoolean();
        if (exactlyOnce) {
            properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        }
        if (random.nextInt(3) == 0) {
            properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SmallMemtables.class);
        }
        properties.put(VLogConfig.COMPRESSION_ZSTD_LEVEL, oneOf(random, 1, 3, 9));
        List<List<String>> compressions = List.of(
                List.of("none"),
                List.of("lz4"),
                List.of("zstd"),
                List.of("none", "lz4", "zstd"),
                List.of("zstd", "none"));
        properties.put(VLogConfig.CACHE_LOCATIONS_BYTES, oneOf(random, 0, 256, 4096, 8 << 20, 8 << 20));
        List<String> compression = compressions.get(random.nextInt(compressions.size()));
        boolean transactional = random.nextInt(3) == 0 && KafkaOnClassPath.is44();
        if (transactional) {
            properties.put("enable.transactional.statestores", true);
        }
        return new RandomOptions(
                properties,
                compression,
                exactlyOnce || transactional,
                transactional,
                maxStagedBytes < 1 << 20 || maxFileBytes < 1 << 20);
    }

    private static int oneOf(Random random, int... values) {
        return values[random.nextInt(values.length)];
    }

    /** Makes RocksDB flush and compact sometimes even in a short history. */
    public static final class SmallMemtables implements RocksDBConfigSetter {

        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            options.setWriteBufferSize(16 * 1024);
            options.setArenaBlockSize(4 * 1024);
        }

        @Override
        public void close(String storeName, Options options) {}
    }
}
