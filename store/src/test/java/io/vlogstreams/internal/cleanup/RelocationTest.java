/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.LiveRecords;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.CompressionType;
import io.vlogstreams.internal.vlog.CorruptRecordException;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first file is relocated, the second is the active one. */
class RelocationTest {

    private static final long FILE_BYTES = 1 << 20;
    private static final String FILE = "00000000000000000001.vlog";
    private static final int RECORD_OVERHEAD = 12;
    private static final int FORMAT_TAG = 2;

    /** A sum that no file here has, so that a survey fails. */
    private static final long ANOTHER_SUM = 0x5EED;

    private final FaultyStorage storage = new FaultyStorage();
    private final MemoryIndex index = new MemoryIndex();
    private final Offsets known = new Offsets();
    private VLog vlog = open(CompressionType.NONE);

    @AfterEach
    void close() {
        vlog.close();
        assertThat(storage.openFiles()).isZero();
    }

    private VLog open(CompressionType compression) {
        try {
            VLogOptions options = new VLogOptions(FILE_BYTES, 4096, 4, 0, ChecksumLevel.DISABLED, compression, 3, 16);
            VLogTail tail = vlog == null ? VLogTail.EMPTY : vlog.tail();
            return VLog.open(storage, options, tail, fileId -> true);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Separated append(String key, String value) throws IOException {
        return new Separated(0, vlog.append(key.getBytes(UTF_8), value.getBytes(UTF_8)));
    }

    private Separated put(String key, String value) throws IOException {
        Separated location = append(key, value);
        setIndex(key, location);
        return location;
    }

    /** Sets the location of a key; null removes the key. */
    private void setIndex(String key, ValueLocation location) throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            if (location == null) {
                batch.delete(key.getBytes(UTF_8));
            } else {
                batch.put(key.getBytes(UTF_8), location);
            }
            index.write(batch, false);
        }
    }

    private void seal() throws IOException {
        vlog.append("filling".getBytes(UTF_8), new byte[(int) FILE_BYTES]);
        vlog.drain();
    }

    /** Reopens the log, so that no file is open. */
    private void reopen(CompressionType compression) {
        vlog.close();
        vlog = open(compression);
    }

    private void flipBit(long offset, int bit) {
        storage.flipBit(FILE, offset * 8 + bit);
        reopen(CompressionType.NONE);
    }

    private Relocation open() throws IOException {
        return surveying(null);
    }

    private Relocation surveying(@Nullable Long liveSum) throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            batch.live(1, new LiveRecords(1, liveSum == null ? ANOTHER_SUM : liveSum));
            batch.dead(1, known.toArray());
            index.write(batch, false);
        }
        return new Relocation(index, vlog, 1, FORMAT_TAG);
    }

    /** Returns all moves of the first file, with lookups in the index. */
    private List<Move> relocate() throws IOException {
        return relocate(null);
    }

    private List<Move> relocate(@Nullable Long liveSum) throws IOException {
        List<Move> moves = new ArrayList<>();
        try (Relocation relocation = surveying(liveSum)) {
            while (!relocation.hasEnded()) {
                moves.addAll(relocation.copyNext());
            }
        }
        return moves;
    }

    private static List<String> keys(List<Move> moves) {
        return moves.stream().map(move -> new String(move.key(), UTF_8)).toList();
    }

    private String valueOf(Move move) throws IOException {
        return new String(vlog.read(move.to().pointer(), move.key()), UTF_8);
    }

    @Test
    void liveRecordsAreCopiedInTheOrderOfTheFile() throws IOException {
        List<Separated> before = List.of(put("b", "one"), put("a", "two"), put("c", "three"));
        seal();
        List<Move> moves = relocate();
        assertThat(keys(moves)).containsExactly("b", "a", "c");
        assertThat(moves.stream().map(Move::from).toList()).isEqualTo(before);
        assertThat(valueOf(moves.get(0))).isEqualTo("one");
        assertThat(valueOf(moves.get(1))).isEqualTo("two");
        assertThat(valueOf(moves.get(2))).isEqualTo("three");
        assertThat(moves).allMatch(move -> move.to().pointer().fileId() == 3);
        assertThat(vlog.tail().relocated().fileId()).isEqualTo(3);
    }

    @Test
    void nothingIsChangedInTheIndexOrTheOldFile() throws IOException {
        Separated location = put("a", "one");
        seal();
        byte[] before = storage.bytes(FILE);
        relocate();
        assertThat(index.get("a".getBytes(UTF_8))).isEqualTo(location);
        assertThat(storage.bytes(FILE)).isEqualTo(before);
    }

    @Test
    void deadRecordsAreNotCopied() throws IOException {
        append("never committed", "x");
        put("deleted", "x");
        put("overwritten", "x");
        put("inline by now", "x");
        put("live", "x");
        seal();
        setIndex("deleted", null);
        put("overwritten", "y");
        setIndex("inline by now", new Inline(0, new byte[] {1}));
        assertThat(keys(relocate())).containsExactly("live");
    }

    @Test
    void ofOneKeyInTheFileOnlyTheLiveRecordIsCopied() throws IOException {
        put("a", "one");
        put("b", "one");
        Separated live = put("a", "two");
        append("a", "never committed");
        put("b", "two");
        put("b", "two");
        seal();
        List<Move> moves = relocate();
        assertThat(keys(moves)).containsExactly("a", "b");
        assertThat(moves.get(0).from()).isEqualTo(live);
        assertThat(valueOf(moves.get(0))).isEqualTo("two");
    }

    @Test
    void aFileWithoutALiveRecordGivesNothing() throws IOException {
        append("a", "x");
        seal();
        assertThat(relocate()).isEmpty();
    }

    @Test
    void theFormatTagStays() throws IOException {
        Separated location = append("a", "x");
        setIndex("a", new Separated(3, location.pointer()));
        seal();
        assertThat(relocate().get(0).to().formatTag()).isEqualTo(3);
    }

    @Test
    void theCopiesAreInTheFileWhenTheyAreReturned() throws IOException {
        put("a", "x".repeat(100));
        seal();
        Move move = relocate().get(0);
        assertThat(storage.bytes("00000000000000000003.vlog").length)
                .isEqualTo(move.to().pointer().offset() + move.to().pointer().recordBytes());
    }

    @Test
    void aStepIsShort() throws IOException {
        int records = 2000;
        for (int i = 0; i < records; i++) {
            put("key-" + i, "x".repeat(20));
        }
        seal();
        try (Relocation relocation = open()) {
            int copied = 0;
            while (!relocation.hasEnded()) {
                List<Move> step = relocation.copyNext();
                assertThat(step).hasSizeLessThanOrEqualTo(records / 4);
                copied += step.size();
            }
            assertThat(copied).isEqualTo(records);
        }
    }

    @Test
    void theIndexIsNotAskedForRecordsThatAreKnownToBeDead() throws IOException {
        Separated dead = put("a", "one");
        put("b", "two");
        known.add(dead.pointer().offset());
        seal();
        // As if it were live, to show that it is not looked up.
        assertThat(keys(relocate())).containsExactly("b");
    }

    @Test
    void deadRecordsDoNotEndAStep() throws IOException {
        int records = 1000;
        for (int i = 0; i < records; i++) {
            known.add(put("dead-" + i, "x".repeat(20)).pointer().offset());
        }
        put("live", "x");
        seal();
        try (Relocation relocation = open()) {
            assertThat(relocation.copyNext()).as("a survey").isEmpty();
            assertThat(keys(relocation.copyNext())).containsExactly("live");
            assertThat(relocation.hasEnded()).isTrue();
        }
    }

    @Test
    void aDamagedLiveRecordIsReportedWithFileAndOffset() throws IOException {
        put("a", "x".repeat(100));
        Separated damaged = put("b", "y".repeat(100));
        seal();
        long valueOffset = damaged.pointer().offset() + 8 + 1;
        flipBit(valueOffset + 50, 0);
        assertThatThrownBy(this::relocate)
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining(FILE)
                .hasMessageContaining("offset " + damaged.pointer().offset());
    }

    @Test
    void aDamagedValueThatIsDeadIsOfNoInterest() throws IOException {
        Separated dead = append("a", "y".repeat(100));
        put("b", "x");
        seal();
        flipBit(dead.pointer().offset() + 50, 0);
        assertThat(keys(relocate())).containsExactly("b");
    }

    @Test
    void aDamagedKeyOfALiveRecordIsNotTakenForAnother() throws IOException {
        Separated damaged = put("a", "y".repeat(100));
        put("b", "x");
        seal();
        flipBit(damaged.pointer().offset() + 8, 4);
        assertThat(keys(relocate())).containsExactly("b");
    }

    /** A length beyond the file, or too short, so that the next record is searched in the middle of this one. */
    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, -1, 5000, 40, 0})
    void aDamagedLengthEndsTheWalkOrHidesRecordsAndNothingWrongIsCopied(int length) throws IOException {
        put("a", "one");
        Separated damaged = put("b", "y".repeat(100));
        for (int i = 0; i < 10; i++) {
            put("after-" + i, "z" + i);
        }
        seal();
        byte[] bytes = storage.bytes(FILE);
        ByteBuffer.wrap(bytes).putInt((int) damaged.pointer().offset() + 4, length);
        storage.put(FILE, bytes);
        reopen(CompressionType.NONE);
        List<Move> moves = new ArrayList<>();
        try (Relocation relocation = open()) {
            while (!relocation.hasEnded()) {
                moves.addAll(relocation.copyNext());
            }
        } catch (CorruptRecordException e) {
            assertThat(e).hasMessageContaining(FILE);
        }
        assertThat(moves).hasSizeLessThan(12);
        assertThat(keys(moves)).doesNotContain("b");
        for (Move move : moves) {
            String key = new String(move.key(), UTF_8);
            assertThat(valueOf(move)).isEqualTo(key.equals("a") ? "one" : key.replace("after-", "z"));
        }
    }

    @Test
    void recordsAreStoredInTheCompressionOfNow() throws IOException {
        put("a", "x".repeat(5000));
        seal();
        reopen(CompressionType.LZ4);
        Move move = relocate().get(0);
        assertThat(move.from().pointer().recordBytes()).isEqualTo(RECORD_OVERHEAD + 1 + 5000);
        assertThat(move.to().pointer().recordBytes()).isLessThan(500);
        assertThat(valueOf(move)).isEqualTo("x".repeat(5000));
    }

    @Test
    void afterAFailureTheWholeFileCanBeRelocatedAgain() throws IOException {
        for (int i = 0; i < 300; i++) {
            put("key-" + i, "x".repeat(50));
        }
        seal();
        storage.failCall(1, Operation.WRITE);
        assertThatThrownBy(this::relocate).isInstanceOf(IOException.class);
        List<Move> moves = relocate();
        assertThat(moves).hasSize(300);
        for (Move move : moves) {
            assertThat(valueOf(move)).isEqualTo("x".repeat(50));
        }
    }

    private Separated appendInFormat(String key, String value) throws IOException {
        return new Separated(FORMAT_TAG, append(key, value).pointer());
    }

    private static long sum(Separated... live) {
        return Stream.of(live).mapToLong(Fingerprint::of).sum();
    }

    /** The index is empty, so copied records were not looked up. */
    @Test
    void theIndexIsNotAskedIfTheSumOfAllOthersShowsThatTheyLive() throws IOException {
        Separated a = appendInFormat("a", "one");
        known.add(append("b", "dead").pointer().offset());
        Separated c = appendInFormat("c", "two");
        seal();
        List<Move> moves = relocate(sum(a, c));
        assertThat(moves.stream().map(Move::from)).containsExactly(a, c);
        assertThat(keys(moves)).containsExactly("a", "c");
        assertThat(moves).allMatch(move -> move.to().formatTag() == FORMAT_TAG);
        assertThat(valueOf(moves.get(0))).isEqualTo("one");
        assertThat(valueOf(moves.get(1))).isEqualTo("two");
    }

    @Test
    void manyRecordsAreShownToLiveToo() throws IOException {
        long sum = 0;
        int records = 2000;
        for (int i = 0; i < records; i++) {
            sum += Fingerprint.of(appendInFormat("key-" + i, "x".repeat(20)));
        }
        seal();
        assertThat(relocate(sum)).hasSize(records);
    }

    @Test
    void theIndexIsAskedIfADeadRecordIsNotKnownToBe() throws IOException {
        Separated live = put("a", "one");
        append("b", "dead");
        seal();
        assertThat(keys(relocate(sum(live)))).containsExactly("a");
    }

    @Test
    void theIndexIsAskedIfARecordIsInAnotherFormat() throws IOException {
        put("a", "one");
        Separated inFormat = appendInFormat("b", "two");
        setIndex("b", inFormat);
        seal();
        List<Move> moves = relocate(sum((Separated) index.get("a".getBytes(UTF_8)), inFormat));
        assertThat(moves.stream().map(move -> move.to().formatTag())).containsExactly(0, FORMAT_TAG);
    }

    @Test
    void noRecordLivesIfNothingIsLeftOver() throws IOException {
        known.add(append("a", "dead").pointer().offset());
        seal();
        assertThat(relocate(0L)).isEmpty();
    }

    /** With both lengths wrong, the checksum and all other records match, but key and value do not. */
    @Test
    void aKeyThatEndsSomewhereElseIsNotTakenForTheKey() throws IOException {
        Separated live = appendInFormat("a", "value");
        setIndex("a", live);
        seal();
        byte[] bytes = storage.bytes(FILE);
        ByteBuffer.wrap(bytes)
                .putInt((int) live.pointer().offset(), 2)
                .putInt((int) live.pointer().offset() + 4, 4);
        storage.put(FILE, bytes);
        reopen(CompressionType.NONE);
        assertThat(relocate(sum(live))).isEmpty();
    }

    /** A value may contain bytes that look like a record. */
    @Test
    void aDamagedLengthDoesNotBringARecordOutOfAValue() throws IOException {
        Separated inner = append("b", "old");
        byte[] record = Arrays.copyOfRange(
                storageAfterDrain(),
                (int) inner.pointer().offset(),
                (int) inner.pointer().offset() + (int) inner.pointer().recordBytes());
        known.add(inner.pointer().offset());
        Separated dead = new Separated(
                0,
                vlog.append(
                        "x".getBytes(UTF_8),
                        ByteBuffer.allocate(4 + record.length)
                                .putInt(0)
                                .put(record)
                                .array()));
        known.add(dead.pointer().offset());
        Separated live = appendInFormat("a", "one");
        setIndex("a", live);
        setIndex("b", appendInFormat("b", "new"));
        seal();
        byte[] bytes = storage.bytes(FILE);
        // The key, no value, and the four zeros as the checksum.
        ByteBuffer.wrap(bytes).putInt((int) dead.pointer().offset() + 4, 0);
        storage.put(FILE, bytes);
        reopen(CompressionType.NONE);
        long sum = sum(live, (Separated) index.get("b".getBytes(UTF_8)));
        List<Move> moves = new ArrayList<>();
        try (Relocation relocation = surveying(sum)) {
            while (!relocation.hasEnded()) {
                moves.addAll(relocation.copyNext());
            }
        } catch (CorruptRecordException e) {
            assertThat(e).hasMessageContaining(FILE);
        }
        assertThat(moves).allMatch(move -> !move.from().pointer().equals(inner.pointer()));
        for (Move move : moves) {
            assertThat(move.from()).isEqualTo(index.get(move.key()));
        }
    }

    private byte[] storageAfterDrain() throws IOException {
        vlog.drain();
        return storage.bytes(FILE);
    }

    @Test
    void aDamagedRecordThatIsShownToLiveIsReported() throws IOException {
        Separated damaged = appendInFormat("b", "y".repeat(100));
        seal();
        flipBit(damaged.pointer().offset() + 50, 0);
        long sum = sum(damaged);
        assertThatThrownBy(() -> relocate(sum))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining(FILE)
                .hasMessageContaining("offset " + damaged.pointer().offset());
    }

    /** Then records are looked up, so that those before the damage can be moved. */
    @Test
    void aDamagedLengthInASurveyLeavesWhatIsInFrontOfIt() throws IOException {
        Separated a = put("a", "one");
        Separated damaged = put("b", "two");
        seal();
        byte[] bytes = storage.bytes(FILE);
        ByteBuffer.wrap(bytes).putInt((int) damaged.pointer().offset() + 4, Integer.MAX_VALUE);
        storage.put(FILE, bytes);
        reopen(CompressionType.NONE);
        try (Relocation relocation = surveying(sum(a, damaged))) {
            assertThat(relocation.copyNext()).isEmpty();
            assertThat(relocation.hasEnded()).isFalse();
            assertThatThrownBy(relocation::copyNext).isInstanceOf(CorruptRecordException.class);
        }
    }
}
