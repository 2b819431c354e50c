/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ValueCacheTest {

    private static final byte[] KEY = {1};

    private static ValuePointer pointer(int number) {
        return new ValuePointer(1, number, 1, 100, 0);
    }

    @Test
    void aHitIsACopy() {
        ValueCache cache = new ValueCache(1000);
        byte[] value = value(1, 100);
        cache.put(pointer(1), KEY, value);
        value[0]++;
        byte[] first = cache.get(pointer(1), KEY);
        assertThat(first).isEqualTo(value(1, 100));
        first[0]++;
        assertThat(cache.get(pointer(1), KEY)).isEqualTo(value(1, 100));
    }

    @Test
    void aSizeOfZeroIsOff() {
        ValueCache cache = new ValueCache(0);
        cache.put(pointer(1), KEY, new byte[0]);
        assertThat(cache.get(pointer(1), KEY)).isNull();
    }

    @Test
    void anotherKeyIsNoHit() {
        ValueCache cache = new ValueCache(1000);
        cache.put(pointer(1), KEY, value(1, 100));
        assertThat(cache.get(pointer(1), new byte[] {2})).isNull();
    }

    @Test
    void theLeastRecentlyUsedGoesFirst() {
        ValueCache cache = new ValueCache(1000); // room for three
        for (int i = 1; i <= 3; i++) {
            cache.put(pointer(i), KEY, value(i, 100));
        }
        assertThat(cache.get(pointer(1), KEY)).isNotNull();
        cache.put(pointer(4), KEY, value(4, 100));
        assertThat(cache.get(pointer(2), KEY)).isNull();
        assertThat(cache.get(pointer(1), KEY)).isNotNull();
        assertThat(cache.get(pointer(4), KEY)).isNotNull();
    }

    @Test
    void aValueLargerThanAQuarterIsNotKept() {
        ValueCache cache = new ValueCache(4000);
        cache.put(pointer(1), KEY, new byte[1000]);
        cache.put(pointer(2), KEY, new byte[1001]);
        assertThat(cache.get(pointer(1), KEY)).isNotNull();
        assertThat(cache.get(pointer(2), KEY)).isNull();
    }

    @Test
    void theSameAgainNeedsNoMoreRoom() {
        ValueCache cache = new ValueCache(1000);
        for (int i = 0; i < 100; i++) {
            cache.put(pointer(1), KEY, value(1, 100));
            cache.put(pointer(2), KEY, value(2, 100));
        }
        assertThat(cache.get(pointer(1), KEY)).isNotNull();
        assertThat(cache.get(pointer(2), KEY)).isNotNull();
    }
}
