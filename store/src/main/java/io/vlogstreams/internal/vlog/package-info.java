/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The value log: large values in append-only files, read by pointer. The only package that accesses files.
 *
 * <p>{@link io.vlogstreams.internal.vlog.VLog} is the entry point. It accesses the file system only through {@link
 * io.vlogstreams.internal.vlog.Storage}. Each on-disk structure has one owner, which holds its byte table: {@link
 * io.vlogstreams.internal.vlog.FileName}, {@link io.vlogstreams.internal.vlog.FileHeader}, {@link
 * io.vlogstreams.internal.vlog.RecordLayout}, {@link io.vlogstreams.internal.vlog.StoredValue}, {@link
 * io.vlogstreams.internal.vlog.ValuePointer} and {@link io.vlogstreams.internal.vlog.ValueLocation}. All numbers on
 * disk are big-endian.
 */
@NullMarked
package io.vlogstreams.internal.vlog;

import org.jspecify.annotations.NullMarked;
