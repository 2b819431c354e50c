/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import io.vlogstreams.internal.engine.StoreEngine;
import io.vlogstreams.internal.engine.StoreStatistics;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store between {@code init} and {@code close}: its engine, its position, and its part in transactions and commits.
 *
 * <p>One thread at a time writes, which Streams ensures; any thread reads. Every operation holds the gate for reading,
 * and {@link #close()} takes it for writing, so no operation runs in native memory that has been freed. Readers and the
 * writer do not exclude each other at the gate.
 */
final class OpenStore {

    private static final Logger LOG = LoggerFactory.getLogger(OpenStore.class);

    private final String name;
    private final StateStoreContext context;
    private final VLogConfig config;
    private final StoreEngine engine;
    private final Position position;
    private final StoreErrors errors;
    private final Guarantee guarantee;
    private final StoreTransaction transaction;
    private final CheckpointedOffsets checkpointed;
    private final StoreMetrics metrics;
    private final boolean positionsInChangelog;
    private final File taskFolder;
    private final IndexFolder indexFolder;
    private final LegacyCheckpoint checkpoint;
    private final ProcessingThreads threads = new ProcessingThreads();

    private final StampedLock gate = new StampedLock();
    /** Held for writing while a batch is restored. Readers only validate stamps and never wait for it. */
    private final StampedLock restoring = new StampedLock();

    private final OpenIterators openIterators = new OpenIterators();
    private volatile boolean closed;
    private volatile boolean logged; // Streams asked for an offset, so there is a changelog

    private OpenStore(
            String name,
            StateStoreContext context,
            VLogConfig config,
            LegacyCheckpoint checkpoint,
            StoreEngine engine,
            Position position) {
        this.name = name;
        this.context = context;
        this.config = config;
        this.checkpoint = checkpoint;
        this.engine = engine;
        this.position = position;
        this.errors = new StoreErrors(name, context.taskId(), this::prepareRestore);
        this.guarantee = Guarantee.of(context);
        this.transaction = new StoreTransaction(this, guarantee.joinsTransactions());
        this.checkpointed = CheckpointedOffsets.of(name, context);
        checkpointed.tell(transaction);
        this.positionsInChangelog = KafkaInternals.changelogCarriesPositions(context.appConfigs());
        // Looked up once, because the task may be gone when the store is closed.
        this.taskFolder = context.stateDir();
        this.indexFolder = IndexFolder.of(name, context);
        this.metrics = StoreMetrics.register(context, name, this::statistics);
    }

    static OpenStore open(String name, ValueFormat format, VLogConfig config, StateStoreContext context) {
        try {
            LegacyCheckpoint checkpoint = LegacyCheckpoint.before(context);
            StoreEngine engine = StoreOpening.open(name, format, config, context);
            try {
                Position position = PositionCodec.decode(engine.commitPoint().position());
                CheckpointedOffsets.of(name, context).handOver(engine);
                return new OpenStore(name, context, config, checkpoint, engine, position);
            } catch (IOException | RuntimeException e) {
                engine.close();
                throw e;
            }
        } catch (IOException e) {
            throw StoreErrors.whileOpening(name, e);
        }
    }

    /** Closes the store and opens it again empty, so that it is restored as a whole. */
    OpenStore reopenEmpty(ValueFormat format) {
        engine.damage().emptyByClose();
        close();
        return open(name, format, config, context);
    }

    /** An operation on the store, during which it cannot be closed. */
    interface Operation<R> {
        @Nullable
        R run(StoreEngine engine) throws IOException;
    }

    /** Runs an operation that reads. */
    <R> @Nullable R read(String doing, Operation<R> operation) {
        long stamp = gate.readLock();
        try {
            checkOpen();
            return operation.run(engine);
        } catch (IOException e) {
            throw errors.translate(doing, e);
        } finally {
            gate.unlockRead(stamp);
        }
    }

    /** Runs an operation that writes but is not a write of a processor: a commit or a restore. */
    <R> @Nullable R maintain(String doing, Operation<R> operation) {
        return read(doing, engine -> {
            threads.writes();
            return operation.run(engine);
        });
    }

    /**
     * Runs a write of a processor. The store joins the thread's transaction first, and its position follows the write.
     */
    <R> @Nullable R write(String doing, Operation<R> operation) {
        return maintain(doing, engine -> {
            // Before the write: if it fails half-way, its staged part still belongs to the transaction.
            transaction.join();
            checkpoint.handedOver();
            @Nullable R result = operation.run(engine);
            ProcessedRecord.advance(position, context);
            return result;
        });
    }

    /** Opens an iterator. */
    interface Opening<I> {
        I open(StoreEngine engine, StoreErrors errors, Consumer<ScanIterator<?>> whenClosed) throws IOException;
    }

    /** Opens an iterator that is closed with the store, if not before. */
    <I extends ScanIterator<?>> I open(Opening<I> opening) {
        I iterator = read("iterating", engine -> {
            I opened = opening.open(engine, errors, openIterators::remove);
            openIterators.add(opened);
            return opened;
        });
        return Objects.requireNonNull(iterator);
    }

    /** Returns the default reads of the calling thread. */
    StoreReads reads() {
        return new StoreReads(this, config.queriesSeeCommittedOnly() && !threads.includeCaller());
    }

    /**
     * Returns the reads at this isolation level, which Kafka 4.4 passes with each query. As with Kafka's own stores the
     * level has an effect only if stores are transactional. If our option restricts queries to committed data, it
     * applies in any case.
     */
    StoreReads reads(IsolationLevel level) {
        boolean committed = guarantee.transactional() && level == IsolationLevel.READ_COMMITTED;
        return committed ? new StoreReads(this, true) : reads();
    }

    /**
     * Commits because Streams says so. Streams also says so when it is about to close a task whose transaction failed.
     * So while the transaction of the calling thread is open, its writes are not committed if the store will be told
     * how the transaction ends; otherwise they go into the index unconfirmed. With transactional stores the outcome is
     * known.
     */
    void commit(Map<TopicPartition, Long> changes) {
        if (changes.isEmpty() && logged) {
            giveUp();
            return;
        }
        changes.keySet().forEach(transaction::knowChangelog);
        boolean open = transaction.isOpen();
        if ((open && ThreadTransaction.isSignalled()) || isOfFailedTransaction()) {
            LOG.debug("Store {} was written in a transaction that is not committed", name);
            return;
        }
        maintain("committing", engine -> {
            Map<String, Long> after = offsets().after(changes);
            if (open) {
                engine.commitUnconfirmed(after, PositionCodec.encode(position));
            } else {
                engine.commit(after, PositionCodec.encode(position));
            }
            return null;
        });
    }

    /**
     * On shutdown Streams 4.4.0 also commits transactional stores when their transaction could not be committed
     * ({@code TaskManager.tryCloseCleanActiveTasks}). The store must discard these writes when it is closed.
     */
    private boolean isOfFailedTransaction() {
        return guarantee.transactional() && engine.holdsUncommitted() && KafkaInternals.isInTransaction(context);
    }

    /**
     * Streams clears the offset of a store with a changelog only if its task is corrupted, for example because the
     * changelog ends before that offset. It then restores the task from the beginning, under at-least-once on top of
     * the existing data, so keys that the changelog lacks would stay. The store keeps its offset until it is closed: if
     * the process dies, the same corruption is detected again.
     */
    private void giveUp() {
        LOG.warn("Store {} is given up by Kafka Streams; it is emptied when it is closed, to be restored whole", name);
        engine.damage().emptyByClose();
    }

    ChangelogOffsets offsets() {
        boolean blank = engine.commitPoint().tail().highestFileId() == 0;
        return new ChangelogOffsets(name, checkpoint, guarantee, engine.written(), blank, engine.offsets());
    }

    /** Commits for a Kafka Streams that keeps the offsets of stores itself. */
    void flush() {
        boolean open = transaction.isOpen();
        if (!open || !ThreadTransaction.isSignalled()) {
            maintain("committing", engine -> checkpointed.flush(engine, PositionCodec.encode(position), !open));
        }
    }

    /** Commits together with a Kafka transaction: all staged writes belong to it or to an earlier one. */
    void commitTransaction(Map<TopicPartition, Long> lastOffsets) {
        // An empty map would clear all offsets; here it means that none has advanced.
        maintain("committing", engine -> {
            Map<String, Long> offsets = new HashMap<>(engine.offsets());
            lastOffsets.forEach((partition, offset) -> offsets.put(partition.toString(), offset));
            engine.commit(offsets, PositionCodec.encode(position));
            return null;
        });
    }

    /**
     * Discards the writes since the last commit.
     *
     * @param withCommitted whether some of them were committed, so that the store has to be restored
     */
    void rollBack(boolean withCommitted) {
        maintain("rolling back", engine -> {
            engine.rollBack(withCommitted);
            return null;
        });
    }

    /**
     * Returns the offset that Streams last committed for the partition, or null. A partition that Streams asks about is
     * a changelog of this store.
     */
    @Nullable
    Long changelogOffset(TopicPartition partition) {
        transaction.knowChangelog(partition);
        checkpoint.handedOver();
        logged = !guarantee.global();
        return committedOffset(partition);
    }

    @Nullable
    Long committedOffset(TopicPartition partition) {
        return read("asking for an offset of", engine -> engine.offsets().get(partition.toString()));
    }

    void restore(Collection<ConsumerRecord<byte[], byte[]>> records) {
        maintain("restoring", engine -> {
            checkpoint.handedOver();
            RestoredBatch batch = RestoredBatch.of(records, position, positionsInChangelog);
            long stamp = restoring.writeLock();
            try {
                engine.restore(batch.writes(), batch.lastOffsets(), PositionCodec.encode(batch.reached()));
                // After the data: a query of a standby that is bounded by the position must find its data.
                position.merge(batch.reached());
            } finally {
                restoring.unlockWrite(stamp);
            }
            engine.cleanUpRestored(); // after the stamp is released, or queries would use up their repeats meanwhile
            return null;
        });
    }

    /** Returns a stamp for {@link #nothingRestoredSince}. Any thread. */
    long beforeQuery() {
        return restoring.tryOptimisticRead();
    }

    /** Returns whether position and data matched all the time since then; false if a batch was being restored. */
    boolean nothingRestoredSince(long stamp) {
        return restoring.validate(stamp);
    }

    void cleanUp() {
        read("cleaning up", engine -> {
            engine.cleanUp();
            return null;
        });
    }

    /** Returns the current sizes and counts; all are zero once the store is closed. */
    private StoreStatistics statistics() {
        long stamp = gate.readLock();
        try {
            return closed ? StoreStatistics.NONE : engine.statistics();
        } finally {
            gate.unlockRead(stamp);
        }
    }

    /** Returns the memory that a commit by Streams would free. Never waits, and works on a closed store. */
    long uncommittedBytes() {
        return closed || !guarantee.commitsWithStreams() ? 0 : engine.uncommittedBytes();
    }

    String name() {
        return name;
    }

    Position position() {
        return position;
    }

    /** Returns the position of the committed data. */
    Position committedPosition() {
        return Objects.requireNonNull(read("querying", engine -> PositionCodec.decode(engine.position())));
    }

    VLogConfig config() {
        return config;
    }

    File taskFolder() {
        return taskFolder;
    }

    /** Returns the topic to pass to serdes, as the layers above do: the changelog, even if there is none. */
    String serdeTopic() {
        return KafkaInternals.changelogOf(context, name);
    }

    /** Returns the partition of the store's task. */
    int partition() {
        return context.taskId().partition();
    }

    /**
     * Prepares a damaged store for being restored. Only Streams can restore it, and only if there is a changelog.
     * Streams closes the corrupted task, but under at-least-once it deletes nothing and continues from the offset, so
     * the store empties itself. A global store has no task to be closed; it is restored when the application is started
     * again. Under exactly-once the thread has to die.
     */
    private boolean prepareRestore(IOException cause) {
        boolean restorable = threads.includeCaller() && engine.damage().isRestorable(engine.offsets());
        if (restorable) {
            engine.damage().emptyByClose(cause);
        }
        return restorable && guarantee.restoresCorruptedTasks();
    }

    private void checkOpen() {
        if (closed) {
            throw new InvalidStateStoreException("Store " + name + " is currently closed");
        }
    }

    /** Waits for operations under way, closes iterators that are still open, and then the store. Idempotent. */
    void close() {
        // Outside of the gate: a thread that reads a metric holds a lock of the metrics and waits for the gate.
        metrics.close();
        long stamp = gate.writeLock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            openIterators.closeAll(name);
            indexFolder.close(engine);
        } catch (IOException e) {
            throw errors.translate("closing", e);
        } catch (UncheckedIOException e) {
            throw errors.translate("closing", new IOException(e.getMessage(), e));
        } finally {
            StoreOpening.touch(taskFolder);
            gate.unlockWrite(stamp);
        }
    }
}
