/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The child process of {@link LittleDirectMemoryTest}. Many threads, platform and virtual ones, get values of all sizes
 * while one thread puts them again. Exits with 0 if every value was correct and only a few buffers of direct memory are
 * in use.
 */
public final class ManyReaders {

    private static final int KEYS = 64;
    private static final int GETS = 16;

    /** The buffers, and the first tables of the cache of locations. */
    private static final long MAX_DIRECT_BYTES = 4L << 20;

    private final KeyValueStore<Bytes, byte[]> store =
            VLogStores.persistentKeyValueStore("store").get();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private ManyReaders() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        new ManyReaders().run(folder, arguments[1], Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
    }

    private void run(Path folder, String compression, int threads, int virtualThreads) throws Exception {
        Map<String, Object> properties = Map.of(
                "application.id",
                "application",
                "bootstrap.servers",
                "none:1",
                VLogConfig.COMPRESSION_TYPE,
                compression);
        store.init(new FakeStateStoreContext(folder, properties), store);
        putAll();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int seed = i;
            readers.add(start(false, () -> get(seed, GETS)));
        }
        for (int i = 0; i < virtualThreads; i++) {
            int seed = i;
            readers.add(start(true, () -> get(seed, 1)));
        }
        for (int round = 1; round < 4; round++) {
            putAll();
        }
        for (Thread reader : readers) {
            reader.join();
        }
        long direct = directBytes();
        store.close();
        Throwable failed = failure.get();
        if (failed != null) {
            throw new AssertionError("a reader failed", failed);
        }
        if (direct > MAX_DIRECT_BYTES) {
            throw new AssertionError(direct + " bytes of direct memory are in use");
        }
    }

    private static Thread start(boolean virtual, Runnable work) throws ReflectiveOperationException {
        if (virtual) {
            return (Thread)
                    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, work);
        }
        Thread thread = new Thread(work);
        thread.start();
        return thread;
    }

    private void putAll() {
        for (int key = 0; key < KEYS; key++) {
            store.put(key(key), value(key));
        }
        KafkaOnClassPath.commit(store);
    }

    private void get(int seed, int times) {
        Random random = new Random(seed);
        try {
            for (int i = 0; i < times; i++) {
                int key = random.nextInt(KEYS);
                if (!Arrays.equals(store.get(key(key)), value(key))) {
                    throw new AssertionError("wrong value of key " + key);
                }
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    private static Bytes key(int number) {
        return Bytes.wrap(("key-" + number).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** Returns a value of 1 KB to 3 MB, mostly small. Half of it is random, so that it is compressible. */
    private static byte[] value(int key) {
        int bytes = switch (key % 16) {
            case 0 -> 3_000_000;
            case 1, 2 -> 300_000;
            case 3, 4, 5 -> 90_000;
            default -> 1000 * (1 + key % 16);
        };
        byte[] value = new byte[bytes];
        Random random = new Random(key);
        for (int i = 0; i < bytes; i += 64) {
            int word = random.nextInt();
            for (int n = 0; n < 32 && i + n < bytes; n++) {
                value[i + n] = (byte) ((word >>> (n % 4 * 8)) ^ n);
            }
        }
        return value;
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
