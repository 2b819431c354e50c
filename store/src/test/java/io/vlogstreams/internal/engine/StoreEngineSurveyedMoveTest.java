/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.HookedIndex;
import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The same without lookups, because a survey of the file shows the live records. */
class StoreEngineSurveyedMoveTest extends StoreEngineMoveTest {

    private boolean meanwhile;
    private int lookups;

    @Override
    void forget() throws IOException {
        store.reopen(); // so that dead records are listed in the index
        store.engine().cleanUp();
    }

    /** Runs the hook while the first file is read, which is watched by then. */
    @Override
    void relocateWith(HookedIndex.Hook hook) throws IOException {
        boolean[] done = new boolean[1];
        boolean[] succeeded = new boolean[1];
        index.onEachLookup(() -> lookups += meanwhile ? 0 : 1);
        store.storage().beforeCall((operation, name) -> {
            if (operation == Operation.READ && !done[0]) {
                done[0] = true;
                meanwhile = true;
                run(hook);
                meanwhile = false;
                succeeded[0] = true; // the cleanup catches everything that the hook throws
            }
        });
        worker.run();
        store.storage().beforeCall((operation, name) -> {});
        assertThat(succeeded[0]).as("done in between").isTrue();
        assertThat(store.engine().statistics().cleanup().relocatedRecords()).isPositive();
        assertThat(lookups).as("lookups").isZero();
    }

    private static void run(HookedIndex.Hook hook) {
        try {
            hook.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
