/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Tells where changelogs end. */
interface ChangelogEnds {

    /** The offset after the last record of each partition; those that could not be found out are left out. */
    Map<TopicPartition, Long> of(Set<TopicPartition> partitions);
}
