/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * One file of the log as of one moment.
 *
 * <p>Immutable.
 *
 * @param bytes its logical length, including the header and buffered bytes
 * @param active whether the file is being written; all others are sealed
 */
public record VLogFileInfo(long fileId, long bytes, boolean active) {}
