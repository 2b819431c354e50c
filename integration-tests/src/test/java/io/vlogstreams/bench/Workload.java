/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Locale;

/** The workloads, in the order in which they run. */
enum Workload {
    /** Every key once, in random order. */
    LOAD,
    /** Random keys, all equally likely. */
    OVERWRITE_UNIFORM,
    READ_UNIFORM,
    /** A few keys often: the frequency of a key falls with its rank. */
    READ_ZIPF,
    /** All entries in key order, with values. */
    SCAN,
    /** All entries in key order, keys only. */
    SCAN_KEYS,
    /** Entries that share the first half of their key. */
    PREFIX_SCAN,
    OVERWRITE_ZIPF,
    /** A get and a put of the same key, as an aggregation of the DSL does. */
    READ_MODIFY_WRITE,
    /** Gets on two threads while a third overwrites. */
    QUERIES_DURING_WRITES,
    /** A new store from its changelog, through the restore callback. */
    RESTORE,
    /** Opens the state that a kill in the middle of writing leaves. */
    OPEN_UNCLEAN,
    OPEN_CLEAN,
    /** An aggregation on a real broker. */
    END_TO_END;

    /** Returns the name in options and tables. */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Workload ofOption(String option) {
        return valueOf(option.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** Returns whether the workload uses a store without an application. */
    boolean isOfStores() {
        return this != END_TO_END;
    }

    /** Returns the most important figure. */
    Figure mainFigure() {
        return switch (this) {
            case READ_UNIFORM, READ_ZIPF, PREFIX_SCAN, SCAN_KEYS, END_TO_END -> Figure.OPS_PER_SECOND;
            case QUERIES_DURING_WRITES -> Figure.QUERIES_PER_SECOND;
            case OPEN_CLEAN, OPEN_UNCLEAN -> Figure.OPEN_MILLIS;
            case LOAD, OVERWRITE_UNIFORM, OVERWRITE_ZIPF, READ_MODIFY_WRITE, SCAN, RESTORE -> Figure.MB_PER_SECOND;
        };
    }
}
