/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;

/** Is shown the records of a file, in the order of the file. */
@FunctionalInterface
public interface RecordVisitor {

    /** A whole record, its checksum verified. The key is the visitor's to keep. */
    void visit(ValuePointer pointer, byte[] key) throws IOException;
}
