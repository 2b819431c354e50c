/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Looks up the end offsets of changelogs. */
interface ChangelogEnds {

    /** Returns the offset after the last record of each partition; partitions whose end is unknown are absent. */
    Map<TopicPartition, Long> of(Set<TopicPartition> partitions);
}
