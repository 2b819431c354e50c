/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Locale;

/** What is done to a store, in the order in which it is done. */
enum Workload {
    /** Every key once, in random order. */
    LOAD,
    /** Random keys, all equally likely. */
    OVERWRITE_UNIFORM,
    READ_UNIFORM,
    /** Few keys often: the frequency of a key falls with its rank. */
    READ_ZIPF,
    /** All entries in key order, with values. */
    SCAN,
    /** All entries in key order, looking at keys only. */
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
    /** On what is left after a kill in the middle of writing. */
    OPEN_UNCLEAN,
    OPEN_CLEAN,
    /** An aggregation on a real broker. */
    END_TO_END;

    /** As in options and tables. */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Workload ofOption(String option) {
        return valueOf(option.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** Whether it is about a store, and not about an application. */
    boolean isOfStores() {
        return this != END_TO_END;
    }

    /** The figure that says most. */
    Figure mainFigure() {
        return switch (this) {
            case READ_UNIFORM, READ_ZIPF, PREFIX_SCAN, SCAN_KEYS, END_TO_END -> Figure.OPS_PER_SECOND;
            case QUERIES_DURING_WRITES -> Figure.QUERIES_PER_SECOND;
            case OPEN_CLEAN, OPEN_UNCLEAN -> Figure.OPEN_MILLIS;
            case LOAD, OVERWRITE_UNIFORM, OVERWRITE_ZIPF, READ_MODIFY_WRITE, SCAN, RESTORE -> Figure.MB_PER_SECOND;
        };
    }
}
