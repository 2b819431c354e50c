/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/** Puts these keys while two other threads get theirs repeatedly until the writing has ended. */
final class Queries implements Step {

    private final Picks written;
    private final List<Picks> read;
    private volatile boolean ended;

    Queries(Picks written, Picks... read) {
        this.written = written;
        this.read = List.of(read);
    }

    @Override
    public void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures)
            throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(read.size());
        try {
            List<Future<Answers>> answers = new ArrayList<>();
            CountDownLatch answering = new CountDownLatch(read.size());
            for (Picks picks : read) {
                answers.add(threads.submit(() -> query(store, picks, answering)));
            }
            answering.await();
            long start = System.nanoTime();
            try {
                new Writes(written).run(store, recorder, figures);
            } finally {
                ended = true;
            }
            long queries = 0;
            for (Future<Answers> thread : answers) {
                recorder.queries(thread.get().nanos(), thread.get().bytes());
                queries += thread.get().nanos().getTotalCount();
            }
            figures.put(Figure.QUERIES_PER_SECOND, queries / ((System.nanoTime() - start) / 1e9));
        } finally {
            threads.shutdownNow();
        }
    }

    private Answers query(TestedStore store, Picks picks, CountDownLatch answering) {
        Histogram nanos = Recorder.histogram();
        long bytes = 0;
        try {
            for (int i = 0; !ended; i++) {
                int number = picks.at(i % picks.size());
                nanos.recordValue(store.checkedGet(number));
                bytes += store.input().length(number, store.version(number));
                answering.countDown();
            }
        } finally {
            // Also when a query fails: the future has the reason.
            answering.countDown();
        }
        return new Answers(nanos, bytes);
    }

    private record Answers(Histogram nanos, long bytes) {}
}
