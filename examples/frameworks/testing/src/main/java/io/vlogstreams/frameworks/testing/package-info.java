/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Shared code of the tests of the frameworks. It is compiled with one version of Kafka and runs with that of each
 * framework.
 */
@NullMarked
package io.vlogstreams.frameworks.testing;

import org.jspecify.annotations.NullMarked;
