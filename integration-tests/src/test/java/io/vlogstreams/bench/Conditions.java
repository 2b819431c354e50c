/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.AppInfoParser;
import org.rocksdb.RocksDB;

/**
 * The machine and the time of a measurement.
 *
 * @param load the load average of the last minute at the start; negative if unknown
 */
record Conditions(
        String date,
        String processor,
        int cores,
        long memoryGib,
        String system,
        String jdk,
        String kafka,
        String rocksDb,
        double load) {

    static Conditions now() {
        var bean = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        RocksDB.loadLibrary();
        return new Conditions(
                LocalDate.now(ZoneOffset.UTC).toString(),
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                bean.getTotalMemorySize() >> 30,
                bean.getName() + " " + bean.getArch(),
                System.getProperty("java.version"),
                AppInfoParser.getVersion(),
                RocksDB.rocksdbVersion().toString(),
                bean.getSystemLoadAverage());
    }

    private static String processorName() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown processor");
        } catch (IOException e) {
            return "unknown processor";
        }
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "%s, %d cores (%s), %d GiB of memory, %s, JDK %s, Kafka %s, RocksDB %s, load %.1f at the start",
                date,
                cores,
                processor,
                memoryGib,
                system,
                jdk,
                kafka,
                rocksDb,
                load);
    }
}
