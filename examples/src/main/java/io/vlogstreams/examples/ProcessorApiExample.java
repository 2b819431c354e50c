/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import io.vlogstreams.VLogCleanup;
import io.vlogstreams.VLogKeyIterator;
import io.vlogstreams.VLogKeysQuery;
import io.vlogstreams.VLogStores;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** A VLog store with the Processor API: a store of web pages by address, read, written and scanned by a processor. */
public final class ProcessorApiExample {
    private static final String PAGES = "pages";

    private ProcessorApiExample() {}

    /** Starts a broker, sends some pages, prints what the processor finds in its store, and ends. */
    public static void main(String[] args) {
        try (var sandbox = Sandbox.open("processor-api-example", "crawl")) {
            sandbox.send("crawl", "example.org/", "<p>Welcome</p>".repeat(5000));
            sandbox.send("crawl", "example.org/news", "<p>Nothing new</p>".repeat(5000));
            sandbox.send("crawl", "example.net/", "<p>Hello</p>".repeat(5000));
            sandbox.send("crawl", "example.org/news", "<p>Something new</p>".repeat(5000));

            try (var streams = new KafkaStreams(topology(), sandbox.streamsProperties())) {
                streams.start();
                sandbox.awaitProcessed("crawl");
            }
        }
    }

    private static Topology topology() {
        var pages = Stores.keyValueStoreBuilder(
                VLogStores.persistentKeyValueStore(PAGES), Serdes.String(), Serdes.String());
        return new Topology()
                .addSource("crawl", new StringDeserializer(), new StringDeserializer(), "crawl")
                .addProcessor("keep-pages", KeepPages::new, "crawl")
                // Wakes the cleanup at intervals, which deletes VLog files without live values.
                .addProcessor("cleanup", VLogCleanup.<String, String>processor(PAGES), "crawl")
                .addStateStore(pages, "keep-pages", "cleanup");
    }

    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
    private static final class KeepPages extends ContextualProcessor<String, String, Void, Void> {
        private KeyValueStore<String, String> pages;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            pages = context.getStateStore(PAGES);
        }

        @Override
        public void process(Record<String, String> page) {
            var before = pages.get(page.key());
            pages.put(page.key(), page.value());
            System.out.printf(
                    "%s: %s, the site has %d pages now%n",
                    page.key(), before == null ? "new" : "replaced", countPages(siteOf(page.key())));
        }

        private int countPages(String site) {
            // Counting needs only keys, so no page is read.
            var addresses = VLogKeysQuery.withPrefix(site, new StringSerializer(), Serdes.String());
            int count = 0;
            try (VLogKeyIterator<String> iterator = pages.query(
                            addresses, PositionBound.unbounded(), new QueryConfig(false))
                    .getResult()) {
                while (iterator.hasNext()) {
                    iterator.next();
                    count++;
                }
            }
            return count;
        }

        private static String siteOf(String address) {
            return address.substring(0, address.indexOf('/') + 1);
        }
    }
}
