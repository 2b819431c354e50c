/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TransferBuffersTest {

    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong();
    private final TransferBuffers buffers = new TransferBuffers(4, this::allocate, nanos::get);

    private ByteBuffer allocate(int bytes) {
        asked.incrementAndGet();
        if (left.getAndDecrement() <= 0) {
            throw new OutOfMemoryError("Cannot reserve " + bytes + " bytes of direct buffer memory");
        }
        return ByteBuffer.allocate(bytes);
    }

    @Test
    void whenDirectMemoryIsUsedUpThoseThereAreServeAll() throws Exception {
        left.set(1);
        LendingPool<ByteBuffer>.Loan first = buffers.borrow();
        CompletableFuture<Void> second = CompletableFuture.runAsync(this::borrowOnce);
        Awaitility.await().until(() -> asked.get() == 2);
        assertThat(second).isNotDone();
        first.close();
        second.get(30, TimeUnit.SECONDS);
        assertThat(buffers.size()).isEqualTo(1);
    }

    @Test
    void theJvmIsAskedAgainAfterAWhileOnly() throws Exception {
        left.set(1);
        LendingPool<ByteBuffer>.Loan first = buffers.borrow();
        CompletableFuture<Void> second = CompletableFuture.runAsync(this::borrowOnce);
        Awaitility.await().until(() -> asked.get() == 2);
        first.close();
        second.get(30, TimeUnit.SECONDS);
        LendingPool<ByteBuffer>.Loan again = buffers.borrow();
        CompletableFuture<Void> third = CompletableFuture.runAsync(this::borrowOnce);
        again.close();
        third.get(30, TimeUnit.SECONDS);
        assertThat(asked).hasValue(2);

        nanos.addAndGet(TimeUnit.MINUTES.toNanos(2));
        left.set(1);
        LendingPool<ByteBuffer>.Loan one = buffers.borrow();
        LendingPool<ByteBuffer>.Loan another = buffers.borrow();
        assertThat(asked).hasValue(3);
        assertThat(buffers.size()).isEqualTo(2);
        one.close();
        another.close();
    }

    @Test
    void withoutASingleOneAnErrorSaysWhatToDo() {
        assertThatThrownBy(buffers::borrow)
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("no direct memory", "131072 bytes", "-XX:MaxDirectMemorySize");
    }

    private void borrowOnce() {
        try (LendingPool<ByteBuffer>.Loan loan = buffers.borrow()) {
            assertThat(loan.get().capacity()).isEqualTo(TransferBuffers.BYTES);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
