/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;

/**
 * One workload on one store in one repetition.
 *
 * @param values the sizes of the values, as in the options
 * @param figures the figures that could be measured
 */
record Measurement(StoreKind store, String values, int repetition, Workload workload, Map<Figure, Double> figures) {}
