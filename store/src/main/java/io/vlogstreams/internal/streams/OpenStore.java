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
 * What a store is between {@code init} and {@code close}: its engine, its place in the application, its position.
 *
 * <p>One thread at a time writes (Streams sees to that); any thread reads. Every operation holds the gate for reading,
 * and {@link #close()} takes it for writing, so nothing runs in native memory that has been freed. Between readers and
 * the writer the gate is no lock.
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
    /** Held for writing while a batch is restored; nobody waits for it. */
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
        // Looked up once: when a store is closed its task may be gone.
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

    /** Closes the store and opens it again with nothing in it, to be restored whole. */
    OpenStore reopenEmpty(ValueFormat format) {
        engine.damage().emptyByClose();
        close();
        return open(name, format, config, context);
    }

    /** Something done to the store while it cannot be closed. */
    interface Operation<R> {
        @Nullable
        R run(StoreEngine engine) throws IOException;
    }

    /** Reads. */
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

    /** Writes other than those of a processor: commits, restoring. */
    <R> @Nullable R maintain(String doing, Operation<R> operation) {
        return read(doing, engine -> {
            threads.writes();
            return operation.run(engine);
        });
    }

    /** Writes what a processor asks for: the position follows, and the store takes part in the thread's transaction. */
    <R> @Nullable R write(String doing, Operation<R> operation) {
        return maintain(doing, engine -> {
            // Before the write: if that fails half-way, what was staged still belongs to the transaction.
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

    /** What the calling thread sees, if it does not ask for something else. */
    StoreReads reads() {
        return new StoreReads(this, config.queriesSeeCommittedOnly() && !threads.includeCaller());
    }

    /**
     * What somebody sees who asks with this level, which Kafka 4.4 gives with each query. As with Kafka's own stores it
     * means something only if stores are transactional; and where our option says that queries see committed data, they
     * do.
     */
    StoreReads reads(IsolationLevel level) {
        boolean committed = guarantee.transactional() && level == IsolationLevel.READ_COMMITTED;
        return committed ? new StoreReads(this, true) : reads();
    }

    /**
     * Commits because Streams says so, which it also does when a task is about to be closed because its transaction
     * failed. What the calling thread wrote in a transaction that has not ended is therefore left alone if its end will
     * be heard of, and else goes into the index unconfirmed. With transactional stores its end is known.
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
     * ({@code TaskManager.tryCloseCleanActiveTasks}). What it aborts then the store must forget when it is closed.
     */
    private boolean isOfFailedTransaction() {
        return guarantee.transactional() && engine.holdsUncommitted() && KafkaInternals.isInTransaction(context);
    }

    /**
     * Streams forgets the offset of a store with a changelog only if its task is corrupted: the changelog does not
     * reach that, say. It restores the task from the beginning, under at-least-once over what is there, so keys that
     * the changelog lacks would stay. Until it is closed the store keeps its offset: if the process dies, the same is
     * found out again.
     */
    private void giveUp() {
        LOG.warn("Store {} is given up by Kafka Streams; it is emptied when it is closed, to be restored whole", name);
        engine.damage().emptyByClose();
    }

    ChangelogOffsets offsets() {
        boolean blank = engine.commitPoint().tail().highestFileId() == 0;
        return new ChangelogOffsets(name, checkpoint, guarantee, engine.written(), blank, engine.offsets());
    }

    /** The same for a Kafka Streams that keeps the offsets of stores itself. */
    void flush() {
        boolean open = transaction.isOpen();
        if (!open || !ThreadTransaction.isSignalled()) {
            maintain("committing", engine -> checkpointed.flush(engine, PositionCodec.encode(position), !open));
        }
    }

    /** Commits with a Kafka transaction: everything staged belongs to it or to one before. */
    void commitTransaction(Map<TopicPartition, Long> lastOffsets) {
        // An empty map would mean to forget all offsets; here it means that none has moved.
        maintain("committing", engine -> {
            Map<String, Long> offsets = new HashMap<>(engine.offsets());
            lastOffsets.forEach((partition, offset) -> offsets.put(partition.toString(), offset));
            engine.commit(offsets, PositionCodec.encode(position));
            return null;
        });
    }

    /**
     * Forgets what was written since the last commit.
     *
     * @param withCommitted whether some of that was committed: the store has to be restored then
     */
    void rollBack(boolean withCommitted) {
        maintain("rolling back", engine -> {
            engine.rollBack(withCommitted);
            return null;
        });
    }

    /**
     * The offset Streams last committed for the partition, or null; a partition it asks about is a changelog of ours.
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
                // After the data: what a query of a standby, bounded by the position, is to find must be there.
                position.merge(batch.reached());
            } finally {
                restoring.unlockWrite(stamp);
            }
            engine.cleanUpRestored(); // after that, or queries would use up their tries while it waits
            return null;
        });
    }

    /** For {@link #nothingRestoredSince}; any thread. */
    long beforeQuery() {
        return restoring.tryOptimisticRead();
    }

    /** Whether position and data belonged together all the time; false if a batch was being restored. */
    boolean nothingRestoredSince(long stamp) {
        return restoring.validate(stamp);
    }

    void cleanUp() {
        read("cleaning up", engine -> {
            engine.cleanUp();
            return null;
        });
    }

    /** Sizes and counts as they are now; nothing but zeros once the store is closed. */
    private StoreStatistics statistics() {
        long stamp = gate.readLock();
        try {
            return closed ? StoreStatistics.NONE : engine.statistics();
        } finally {
            gate.unlockRead(stamp);
        }
    }

    /** Memory that a commit by Streams gives back. Never waits, and can be asked of a store that is closed. */
    long uncommittedBytes() {
        return closed || !guarantee.commitsWithStreams() ? 0 : engine.uncommittedBytes();
    }

    String name() {
        return name;
    }

    Position position() {
        return position;
    }

    /** The position of what is committed. */
    Position committedPosition() {
        return Objects.requireNonNull(read("querying", engine -> PositionCodec.decode(engine.position())));
    }

    VLogConfig config() {
        return config;
    }

    File taskFolder() {
        return taskFolder;
    }

    /** The topic that serdes are told, as by the layers above: the changelog, also if there is none. */
    String serdeTopic() {
        return KafkaInternals.changelogOf(context, name);
    }

    /** The partition of the store's task. */
    int partition() {
        return context.taskId().partition();
    }

    /**
     * Only Streams can do something about a corrupted task, and only if there is a changelog. It closes the task, but
     * under at-least-once deletes nothing and goes on from the offset, so the store empties itself. A global store has
     * no task to be closed; it is restored when the application is started again. Under exactly-once its thread has to
     * die.
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

    /** Waits for operations that are under way, closes forgotten iterators, then everything. Again does nothing. */
    void close() {
        // Outside the gate: who reads a metric holds a lock of the metrics and waits for the gate.
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
