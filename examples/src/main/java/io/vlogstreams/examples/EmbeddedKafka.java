/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.ServerSocketFactory;
import org.apache.kafka.server.fault.LoggingFaultHandler;
import org.slf4j.LoggerFactory;

/**
 * An embedded Kafka node: KRaft controller and broker in one, reachable on 127.0.0.1 only, on free ports.
 *
 * <p>It does what {@link KafkaRaftServer} does, from the same parts, with two differences that matter for an embedded
 * node: a fatal fault is logged instead of ending the JVM, and both ports are bound before Kafka starts, so that no
 * other process can take them in between. Any number of nodes can run in one JVM, one after another. A folder that was
 * used before is opened again with its topics.
 *
 * <p>Thread-safe; start and close it from one thread.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final int NODE_ID = 1;
    private static final String BROKER = "BROKER";
    private static final String CONTROLLER = "CONTROLLER";
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(30);

    private final Ports ports;
    private final Metrics metrics;
    private final BrokerServer broker;
    private final ControllerServer controller;
    private boolean closed;

    private EmbeddedKafka(KafkaConfig config, Ports ports) {
        this.ports = ports;
        this.metrics = new Metrics();
        var logDirs = KafkaRaftServer.initializeLogDirs(config, LoggerFactory.getLogger(EmbeddedKafka.class), "");
        var shared = new SharedServer(
                config,
                logDirs._1(),
                Time.SYSTEM,
                metrics,
                CompletableFuture.completedFuture(
                        Map.of(NODE_ID, ports.controller().address())),
                List.of(),
                (name, fatal, action) -> new LoggingFaultHandler(name, action),
                ports);
        this.broker = new BrokerServer(shared);
        this.controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), logDirs._2());
    }

    /** Like {@link #start(Path, Map)}, without overrides. */
    public static EmbeddedKafka start(Path dataDir) {
        return start(dataDir, Map.of());
    }

    /**
     * Starts a node; returns when it accepts clients, after a few seconds.
     *
     * @param dataDir the folder of all its files; created if absent, never deleted
     * @param brokerOverrides broker properties that override those chosen here, such as {@code message.max.bytes}
     * @throws IllegalStateException if the node did not start; then nothing keeps running
     */
    public static EmbeddedKafka start(Path dataDir, Map<String, String> brokerOverrides) {
        try {
            Files.createDirectories(dataDir);
            var ports = Ports.bind();
            try {
                var properties = properties(dataDir, ports);
                properties.putAll(brokerOverrides);
                format(dataDir);
                var node = new EmbeddedKafka(new KafkaConfig(properties, false), ports);
                node.startup();
                return node;
            } catch (Exception e) {
                ports.close();
                throw e;
            }
        } catch (Exception e) {
            throw new IllegalStateException("The embedded Kafka broker did not start in " + dataDir + ": " + e, e);
        }
    }

    /** Returns {@code host:port}, for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return ports.broker().hostAndPort();
    }

    /** Stops the node as an operator would, the broker first. The data is kept. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            broker.shutdown(SHUTDOWN_TIMEOUT);
        } finally {
            try {
                controller.shutdown();
            } finally {
                metrics.close();
                ports.close();
            }
        }
    }

    private void startup() {
        try {
            controller.startup();
            broker.startup();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private static Map<String, String> properties(Path dataDir, Ports ports) {
        var brokerListener = BROKER + "://" + ports.broker().hostAndPort();
        var controllerListener = CONTROLLER + "://" + ports.controller().hostAndPort();
        var properties = new TreeMap<String, String>();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", String.valueOf(NODE_ID));
        properties.put(
                "controller.quorum.voters", NODE_ID + "@" + ports.controller().hostAndPort());
        properties.put("listeners", brokerListener + "," + controllerListener);
        properties.put("advertised.listeners", brokerListener);
        properties.put("listener.security.protocol.map", BROKER + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        properties.put("inter.broker.listener.name", BROKER);
        properties.put("controller.listener.names", CONTROLLER);
        properties.put("log.dirs", dataDir.toString());

        properties.put("default.replication.factor", "1");
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("share.coordinator.state.topic.replication.factor", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("share.coordinator.state.topic.num.partitions", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");

        // The machine may be small, and by default the cleaner alone takes 128 MiB of heap.
        properties.put("log.cleaner.dedupe.buffer.size", String.valueOf(8 << 20));
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "4");
        properties.put("background.threads", "2");
        return properties;
    }

    private static void format(Path dataDir) throws Exception {
        if (Files.exists(dataDir.resolve("meta.properties"))) {
            return;
        }
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false))
                .setNodeId(NODE_ID)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName(CONTROLLER)
                .setMetadataLogDirectory(dataDir.toString())
                .addDirectory(dataDir.toString())
                .run();
    }

    /** A listening socket. The address is kept, because Kafka closes the channel. */
    private record Port(ServerSocketChannel channel, InetSocketAddress address) {

        static Port bindFree() throws IOException {
            var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            var channel = ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
            return new Port(channel, (InetSocketAddress) channel.getLocalAddress());
        }

        String hostAndPort() {
            return address.getAddress().getHostAddress() + ":" + address.getPort();
        }
    }

    /** The two listening sockets, bound early and handed to Kafka when it asks for them. */
    private record Ports(Port broker, Port controller) implements ServerSocketFactory {

        static Ports bind() throws IOException {
            var broker = Port.bindFree();
            try {
                return new Ports(broker, Port.bindFree());
            } catch (IOException e) {
                broker.channel().close();
                throw e;
            }
        }

        @Override
        public ServerSocketChannel openServerSocket(
                String listenerName, InetSocketAddress address, int backlog, int receiveBufferBytes)
                throws IOException {
            var channel = (listenerName.equals(CONTROLLER) ? controller : broker).channel();
            channel.configureBlocking(false);
            return channel;
        }

        /** Closes the sockets. Kafka has closed them already, unless it failed before it asked for them. */
        void close() {
            try {
                broker.channel().close();
                controller.channel().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
