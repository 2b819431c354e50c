/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.Test;

/** Which admin client looks up the ends of the changelogs of a restore consumer. */
class AdminClientsTest {

    private static final TopicPartition P0 = new TopicPartition("changelog", 0);

    private final AdminClients admins = new AdminClients();
    private final MockConsumer<byte[], byte[]> inside = new MockConsumer<>("none");

    /** Creates an admin client with this answer to all requests. */
    private static Admin admin(KafkaFuture<ListOffsetsResultInfo> answer) {
        return (Admin) Proxy.newProxyInstance(
                AdminClientsTest.class.getClassLoader(), new Class<?>[] {Admin.class}, (proxy, method, arguments) -> {
                    assertThat(((ListOffsetsOptions) arguments[1]).isolationLevel())
                            .isEqualTo(IsolationLevel.READ_UNCOMMITTED);
                    return new ListOffsetsResult(Map.of(P0, answer));
                });
    }

    private static Admin endAt(long end) {
        return admin(KafkaFuture.completedFuture(new ListOffsetsResultInfo(end, -1, Optional.empty())));
    }

    private static Map<String, Object> id(String clientId) {
        return new HashMap<>(Map.of("client.id", clientId));
    }

    private Consumer<byte[], byte[]> at(String clientId, long offset) {
        Consumer<byte[], byte[]> consumer = admins.checking(id(clientId), inside, false);
        consumer.assign(List.of(P0));
        consumer.seek(P0, offset);
        return consumer;
    }

    @Test
    void theOneOfTheSameApplicationIsAsked() {
        Admin one = admins.remember(id("app-1-admin"), endAt(5));
        Admin other = admins.remember(id("app-1-2-admin"), endAt(50));
        assertThatThrownBy(() -> at("app-1-StreamThread-1-restore-consumer", 6).poll(Duration.ZERO))
                .isInstanceOf(OffsetOutOfRangeException.class);
        assertThat(at("app-1-2-StreamThread-1-restore-consumer", 6).poll(Duration.ZERO))
                .isEmpty();
        assertThat(List.of(one, other)).hasSize(2);
    }

    @Test
    void withoutOneTheConsumerIsLeftAlone() {
        assertThat(admins.checking(id("app-StreamThread-1-restore-consumer"), inside, false))
                .isSameAs(inside);
        assertThat(admins.checking(new HashMap<>(), inside, false)).isSameAs(inside);
    }

    @Test
    void anAnswerThatFailsIsWaitedFor() {
        KafkaFutureImpl<ListOffsetsResultInfo> failed = new KafkaFutureImpl<>();
        failed.completeExceptionally(new TimeoutException("no broker"));
        Admin admin = admins.remember(id("app-admin"), admin(failed));
        Consumer<byte[], byte[]> consumer = at("app-StreamThread-1-restore-consumer", 6);
        assertThat(consumer.poll(Duration.ZERO)).isEmpty();
        assertThatThrownBy(() -> consumer.position(P0)).isInstanceOf(TimeoutException.class);
        assertThat(admin).isNotNull();
    }
}
