/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * One file of the log, at one moment.
 *
 * <p>Immutable.
 *
 * @param bytes its length as the log sees it, with the header and with bytes that still wait in the buffer
 * @param active whether this is the file being written; all others are sealed
 */
public record VLogFileInfo(long fileId, long bytes, boolean active) {}
