/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import io.vlogstreams.internal.index.KeyRange;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * One step of a history. It is self-contained, so its meaning does not change if other steps are left out.
 *
 * @param amount the length of a value, the number of calls until a crash, and so on
 * @param luck a seed for all other decisions
 */
record Step(Kind kind, String key, int amount, long luck) {

    enum Kind {
        PUT(40),
        DELETE(9),
        COMMIT(14),
        RESTORE(4),
        DELETE_FILES(3),
        SCAN(4),
        WALK(5),
        CLOSE_SCANS(2),
        ROLL_BACK(2),
        CHECK(3),
        CLOSE(3),
        KILL(5),
        POWER_FAILURE(7);

        private static final int TOTAL = total();
        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }

        private static int total() {
            int total = 0;
            for (Kind kind : values()) {
                total += kind.weight;
            }
            return total;
        }

        private static Kind random(Random random) {
            int rest = random.nextInt(TOTAL);
            for (Kind kind : values()) {
                rest -= kind.weight;
                if (rest < 0) {
                    return kind;
                }
            }
            throw new AssertionError("weights do not add up");
        }
    }

    static Step random(Random random) {
        Kind kind = Kind.random(random);
        return new Step(kind, randomKey(random), amount(kind, random), random.nextLong());
    }

    private static String randomKey(Random random) {
        return StoreOracle.KEYS.get(random.nextInt(StoreOracle.KEYS.size()));
    }

    private static int amount(Kind kind, Random random) {
        return switch (kind) {
            case PUT -> length(random);
            // Now, or during later steps.
            case KILL, POWER_FAILURE -> random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(25);
            default -> random.nextInt(5);
        };
    }

    private static int length(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> random.nextInt(4);
            case 1, 2 -> 4 + random.nextInt(20);
            case 3 -> 4000 + random.nextInt(3000);
            default -> 20 + random.nextInt(800);
        };
    }

    boolean isCrash() {
        return kind == Kind.KILL || kind == Kind.POWER_FAILURE;
    }

    /** Executes the step, if it is not a crash. */
    void doTo(CrashingStore store, boolean withOffsets, long offset) throws IOException {
        Random random = new Random(luck);
        switch (kind) {
            case PUT -> store.put(key, amount);
            case DELETE -> store.put(key, -1);
            case COMMIT ->
                store.commit(
                        withOffsets && random.nextInt(20) > 0 ? Map.of(CrashingStore.CHANGELOG, offset) : Map.of(),
                        new byte[] {(byte) offset});
            case RESTORE -> store.restore(batch(store, random), offset);
            case DELETE_FILES -> store.deleteObsoleteFiles();
            case SCAN -> store.openScan(range(random), random.nextBoolean());
            case WALK -> store.walk(amount);
            case CLOSE_SCANS -> store.closeScans();
            case ROLL_BACK -> store.rollBack();
            case CHECK -> store.check();
            case CLOSE -> store.close();
            default -> throw new IllegalStateException(kind + " is a crash");
        }
    }

    private static Map<String, Written> batch(CrashingStore store, Random random) {
        Map<String, Written> batch = new HashMap<>();
        int size = 1 + random.nextInt(4);
        for (int i = 0; i < size; i++) {
            batch.put(randomKey(random), random.nextInt(4) == 0 ? null : store.newValue(length(random)));
        }
        return batch;
    }

    private KeyRange range(Random random) {
        String other = randomKey(random);
        boolean first = key.compareTo(other) < 0;
        byte[] from = StoreOracle.bytes(first ? key : other);
        byte[] to = StoreOracle.bytes(first ? other : key);
        return switch (random.nextInt(4)) {
            case 0 -> KeyRange.closed(from, to);
            case 1 -> KeyRange.closed(null, to);
            case 2 -> KeyRange.closed(from, null);
            default -> KeyRange.ALL;
        };
    }

    @Override
    public String toString() {
        return switch (kind) {
            case PUT -> "put " + key + " +" + amount;
            case DELETE -> "delete " + key;
            case KILL, POWER_FAILURE -> kind + (amount == 0 ? "" : " in call " + amount) + " (luck " + luck + ")";
            case WALK -> "walk " + amount;
            default -> kind + " (luck " + luck + ")";
        };
    }
}
