/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.library

import io.vlogstreams.{VLogDslStoreSuppliers, VLogKafkaClientSupplier, VLogProcessorWrapper}
import java.util.Properties
import org.apache.kafka.streams.scala.ImplicitConversions._
import org.apache.kafka.streams.scala.kstream.Materialized
import org.apache.kafka.streams.scala.serialization.Serdes._
import org.apache.kafka.streams.scala.{ByteArrayKeyValueStore, StreamsBuilder}
import org.apache.kafka.streams.{KafkaStreams, StreamsBuilder => JavaStreamsBuilder, StreamsConfig, Topology, TopologyConfig}

/** Puts books together from their chapters, so that each chapter replaces a large value. */
object Library {

  def properties(bootstrapServers: String, stateDir: String): Properties = {
    val properties = new Properties()
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "library")
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers)
    properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir)
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2)
    properties.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, classOf[VLogDslStoreSuppliers])
    properties.put(StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG, classOf[VLogProcessorWrapper])
    properties.put(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG, classOf[VLogKafkaClientSupplier])
    properties
  }

  /** Scala's builder is put around Java's, which takes the properties. */
  def topology(properties: Properties): Topology = {
    val builder = new StreamsBuilder(new JavaStreamsBuilder(new TopologyConfig(new StreamsConfig(properties))))
    builder
      .stream[String, String]("chapters")
      .groupByKey
      .aggregate("")((_, chapter, book) => book + chapter)(
        Materialized.as[String, String, ByteArrayKeyValueStore]("library")
      )
      .toStream
      .to("books")
    builder.build()
  }

  def main(args: Array[String]): Unit = {
    val settings = properties(args(0), args(1))
    val streams = new KafkaStreams(topology(settings), settings)
    sys.addShutdownHook(streams.close())
    streams.start()
  }
}
