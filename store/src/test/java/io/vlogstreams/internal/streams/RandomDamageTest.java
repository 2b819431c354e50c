/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.FolderOfOpenStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random damage of every file of a store: the log, the files of the index, the reserve. Whatever is damaged, a reader
 * finds the correct value, or an error that heals, or a store that is restored; never a wrong value, a missing key or a
 * hang.
 *
 * <p>The same damages in every build; {@code -Ddamages=1000 -Dseed=1} inflicts others, and more of them. A failure
 * prints the seed and what was damaged.
 */
class RandomDamageTest {

    private static final int DAMAGES = Integer.getInteger("damages", 100);
    private static final long FIRST_SEED = Long.getLong("seed", 2026_1400L);

    /** The number of damages per history, because creating a history takes longer than damaging it. */
    private static final int DAMAGES_PER_HISTORY = 10;

    @TempDir
    Path temp;

    private int folders;

    /** The timeout is generous: only a hang of RocksDB, which cannot be interrupted, reaches it. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void noDamageGivesAWrongAnswer() throws IOException {
        for (int i = 0; i < DAMAGES; i += DAMAGES_PER_HISTORY) {
            long seed = FIRST_SEED + i;
            Random random = new Random(seed);
            Path older = nextFolder();
            try (DamagedStore left = history(random, older)) {
                for (int j = 0; j < Math.min(DAMAGES_PER_HISTORY, DAMAGES - i); j++) {
                    damage(left, older, seed + j);
                }
            }
            FolderOfOpenStore.delete(temp);
        }
    }

    /** Creates a store that was written, closed, killed and opened a few times, and a copy from in between. */
    private DamagedStore history(Random random, Path older) throws IOException {
        DamagedStore store = DamagedStore.create(nextFolder(), random);
        int lives = 2 + random.nextInt(3);
        int kept = random.nextInt(lives - 1);
        for (int life = 0; life < lives; life++) {
            store.recover(random);
            store.write(random, 100 + random.nextInt(400));
            if (life == kept) {
                new FolderOfOpenStore(store.folder()).copyTo(older);
            }
            if (random.nextBoolean()) {
                store = store.kill(nextFolder());
            } else {
                store.close();
            }
        }
        return store;
    }

    private void damage(DamagedStore left, Path older, long seed) throws IOException {
        Random random = new Random(seed * 31);
        String done = "";
        try (DamagedStore store = left.copy(nextFolder())) {
            done = new FileDamage(store.folder(), older, random).inflict();
            store.recover(random);
            if (!store.goOn(random)) {
                store.recover(random);
            }
            store.closeAndRecover(random);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ", exactly once " + left.exactlyOnce() + ", " + done + ": " + e, e);
        }
    }

    private Path nextFolder() {
        return temp.resolve("task" + folders++);
    }
}
