/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** A topology with VLog stores, to be tested without a broker. */
@NullMarked
package io.vlogstreams.frameworks.driver;

import org.jspecify.annotations.NullMarked;
