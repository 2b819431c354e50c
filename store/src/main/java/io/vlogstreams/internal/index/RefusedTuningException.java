/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.util.List;

/** The user's tuning has settings with which an index would lose data; the message names them, with the reasons. */
public final class RefusedTuningException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RefusedTuningException(List<String> refused) {
        super(String.join("; ", refused));
    }
}
