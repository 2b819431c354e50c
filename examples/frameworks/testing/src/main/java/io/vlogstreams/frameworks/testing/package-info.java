/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What the tests of the frameworks share. It is compiled with one version of Kafka and runs with that of each
 * framework.
 */
@NullMarked
package io.vlogstreams.frameworks.testing;

import org.jspecify.annotations.NullMarked;
