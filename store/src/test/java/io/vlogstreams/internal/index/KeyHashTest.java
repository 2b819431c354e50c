/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyHashTest {

    /** The secret of the vectors: bytes 0 to 15. */
    private static final KeyHash OF_THE_VECTORS = new KeyHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

    /**
     * From the published vectors of SipHash for 128 bits; the key has the bytes 0, 1, 2 and so on, up to its length.
     */
    @ParameterizedTest
    @CsvSource({
        "0, a3817f04ba25a8e66df67214c7550293",
        "1, da87c1d86b99af44347659119b22fc45",
        "2, 8177228da4a45dc7fca38bdef60affe4",
        "3, 9c70b60c5267a94e5f33b6b02985ed51",
        "4, f88164c12d9c8faf7d0f6e7c7bcd5579",
        "5, 1368875980776f8854527a07690e9627",
        "6, 14eeca338b208613485ea0308fd7a15e",
        "7, a1f1ebbed8dbc153c0b84aa61ff08239",
        "8, 3b62a9ba6258f5610f83e264f31497b4",
        "9, 264499060ad9baabc47f8b02bb6d71ed",
        "10, 00110dc378146956c95447d3f3d0fbba",
        "11, 0151c568386b6677a2b4dc6f81e5dc18",
        "12, d626b266905ef35882634df68532c125",
        "13, 9869e247e9c08b10d029934fc4b952f7",
        "14, 31fcefac66d7de9c7ec7485fe4494902",
        "15, 5493e99933b0a8117e08ec0f97cfc3d9",
        "16, 6ee2a4ca67b054bbfd3315bf85230577",
        "17, 473d06e8738db89854c066c47ae47740",
        "31, 2939b0183223fafc1723de4f52c43d35",
        "32, 7c3956ca5eeafc3e363e9d556546eb68",
        "63, 5150d1772f50834a503e069a973fbd7c"
    })
    void gives(int keyBytes, String expected) {
        byte[] key = new byte[keyBytes];
        for (int i = 0; i < keyBytes; i++) {
            key[i] = (byte) i;
        }
        assertThat(hex(OF_THE_VECTORS.of(key))).isEqualTo(expected);
    }

    private static String hex(KeyHash.Value value) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(value.first()).putLong(value.second());
        StringBuilder hex = new StringBuilder();
        for (byte each : bytes.array()) {
            hex.append(String.format("%02x", each));
        }
        return hex.toString();
    }

    /** The hash depends on the length: keys that differ only in trailing zeros have different hashes. */
    @Test
    void keysOfZerosDifferByTheirLength() {
        Set<KeyHash.Value> hashes = new HashSet<>();
        for (int keyBytes = 0; keyBytes < 600; keyBytes++) {
            hashes.add(KeyHash.secret().of(new byte[keyBytes]));
        }
        assertThat(hashes).hasSize(600);
    }

    @Test
    void everyBitOfAKeyCounts() {
        byte[] key = new byte[21];
        Set<KeyHash.Value> hashes = new HashSet<>(Set.of(KeyHash.secret().of(key)));
        for (int bit = 0; bit < key.length * Byte.SIZE; bit++) {
            byte[] other = key.clone();
            other[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            hashes.add(KeyHash.secret().of(other));
        }
        assertThat(hashes).hasSize(1 + key.length * Byte.SIZE);
    }

    @Test
    void theSecretIsOneForTheProcessAndNotTheOneOfTheVectors() {
        byte[] key = {1, 2, 3};
        assertThat(KeyHash.secret().of(key)).isEqualTo(KeyHash.secret().of(Arrays.copyOf(key, 3)));
        assertThat(KeyHash.secret().of(key)).isNotEqualTo(OF_THE_VECTORS.of(key));
    }
}
