/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Watches this process and the folder of its store during one workload, from construction until it is stopped. Counters
 * are read at both ends; other figures are sampled on a separate thread.
 */
final class ProcessWatch implements AutoCloseable {

    private static final double MIB = 1 << 20;
    private static final double GB = 1e9;
    private static final long PAUSE_MILLIS = 50;
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final List<MemoryPoolMXBean> HEAP_POOLS = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();

    private final Path folder;
    private final ProcessBaseline baseline;
    private final long cpuNanos = SYSTEM.getProcessCpuTime();
    private final OptionalLong writtenBytes = ProcessFile.writtenBytes();
    private final OptionalLong diskWrittenBytes = ProcessFile.diskWrittenBytes();
    private final Thread sampler = new Thread(this::sample, "sampler");
    private volatile boolean stopped;
    private long spaceBytesPeak;
    private long openFilesPeak;

    /**
     * @param folder the folder of the store
     * @param baseline the resources of the process without a store
     */
    ProcessWatch(Path folder, ProcessBaseline baseline) {
        this.folder = folder;
        this.baseline = baseline;
        HEAP_POOLS.forEach(MemoryPoolMXBean::resetPeakUsage);
        ProcessFile.resetPeak();
        sampler.setDaemon(true);
        sampler.start();
    }

    private void sample() {
        try {
            while (!stopped) {
                take();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void take() {
        spaceBytesPeak = Math.max(spaceBytesPeak, FolderSize.bytes(folder));
        openFilesPeak = Math.max(openFilesPeak, ProcessFile.openFiles().orElse(0));
    }

    /**
     * Stops watching and adds the figures.
     *
     * @param bytes the size of the values that were put or read
     * @param bytesPut the size of the values that were put
     * @param liveBytes the size of all values in the store
     */
    void stop(Map<Figure, Double> figures, long bytes, long bytesPut, long liveBytes) {
        long cpu = SYSTEM.getProcessCpuTime() - cpuNanos;
        close();
        take();
        if (bytes > 0) {
            figures.put(Figure.CPU_SECONDS_PER_GB, cpu / GB / (bytes / GB));
        }
        if (bytesPut > 0) {
            putRatio(figures, Figure.PROCESS_WRITES_PER_BYTE, ProcessFile.writtenBytes(), writtenBytes, bytesPut);
            putRatio(figures, Figure.DISK_WRITES_PER_BYTE, ProcessFile.diskWrittenBytes(), diskWrittenBytes, bytesPut);
        }
        if (spaceBytesPeak > 0) {
            figures.put(Figure.SPACE_END, FolderSize.bytes(folder) / (double) liveBytes);
            figures.put(Figure.SPACE_PEAK, spaceBytesPeak / (double) liveBytes);
        }
        long heapBytesPeak = HEAP_POOLS.stream()
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        figures.put(Figure.HEAP_PEAK_MIB, heapBytesPeak / MIB);
        OptionalLong residentPeak = ProcessFile.residentBytesPeak();
        if (residentPeak.isPresent()) {
            figures.put(Figure.NATIVE_PEAK_MIB, baseline.nativeBytesBeyond(residentPeak.getAsLong()) / MIB);
        }
        if (openFilesPeak > 0) {
            figures.put(Figure.OPEN_FILES_PEAK, (double) openFilesPeak - baseline.openFiles());
        }
    }

    private static void putRatio(
            Map<Figure, Double> figures, Figure figure, OptionalLong now, OptionalLong before, long bytes) {
        if (now.isPresent() && before.isPresent()) {
            figures.put(figure, (now.getAsLong() - before.getAsLong()) / (double) bytes);
        }
    }

    @Override
    public void close() {
        stopped = true;
        sampler.interrupt();
        try {
            sampler.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
