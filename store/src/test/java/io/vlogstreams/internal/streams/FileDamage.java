/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.FolderOfOpenStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Damages random files of a closed store: one or two of them, of any kind, in any way. */
final class FileDamage {

    private enum Way {
        FLIP,
        CUT,
        EMPTY,
        DELETE,
        ZERO,
        APPEND,
        OLDER
    }

    private static final int BLOCK = 512;

    private final Path folder;
    private final Path older;
    private final Random random;
    private final StringBuilder done = new StringBuilder();

    /**
     * @param folder the folder of the store
     * @param older an earlier copy of the folder
     */
    FileDamage(Path folder, Path older, Random random) {
        this.folder = folder;
        this.older = older;
        this.random = random;
    }

    /** Inflicts the damage; returns a description. */
    String inflict() throws IOException {
        if (random.nextInt(12) == 0) {
            damageFolder();
        }
        for (int i = 1 + random.nextInt(3) / 2; i > 0; i--) {
            damageFile();
        }
        return done.toString();
    }

    private void damageFolder() throws IOException {
        String name = random.nextInt(3) == 0 ? "vlog" : "index";
        FolderOfOpenStore.delete(folder.resolve(name));
        done.append(name);
        if (random.nextBoolean() && name.equals("index") && Files.exists(older.resolve(name))) {
            new FolderOfOpenStore(older.resolve(name)).copyTo(folder.resolve(name));
            done.append(" is older; ");
        } else {
            done.append(" is gone; ");
        }
    }

    private void damageFile() throws IOException {
        Map<String, List<Path>> kinds = filesByKind();
        if (kinds.isEmpty()) {
            return;
        }
        List<String> names = List.copyOf(kinds.keySet());
        String kind = names.get(random.nextInt(names.size()));
        List<Path> files = kinds.get(kind);
        Path file = files.get(random.nextInt(files.size()));
        Way way = Way.values()[random.nextInt(Way.values().length)];
        done.append(folder.relativize(file)).append(": ").append(way);
        damage(file, way);
        done.append("; ");
    }

    private Map<String, List<Path>> filesByKind() throws IOException {
        Map<String, List<Path>> kinds = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(Files::isRegularFile)
                    .sorted()
                    .forEach(file -> kinds.computeIfAbsent(
                                    file.getFileName().toString().replaceAll("\\d", ""), kind -> new ArrayList<>())
                            .add(file));
        }
        return kinds;
    }

    private void damage(Path file, Way way) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (way) {
            case FLIP -> flip(file, bytes);
            case CUT -> Files.write(file, Arrays.copyOf(bytes, number("at", bytes.length)));
            case EMPTY -> Files.write(file, new byte[0]);
            case DELETE -> Files.delete(file);
            case ZERO -> zero(file, bytes);
            case APPEND -> append(file, bytes);
            case OLDER -> makeOlder(file);
        }
    }

    private int number(String what, int bound) {
        int number = bound == 0 ? 0 : random.nextInt(bound);
        done.append(' ').append(what).append(' ').append(number);
        return number;
    }

    private void flip(Path file, byte[] bytes) throws IOException {
        for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 0; i--) {
            bytes[number("at", bytes.length)] ^= (byte) (1 << number("bit", Byte.SIZE));
        }
        Files.write(file, bytes);
    }

    private void zero(Path file, byte[] bytes) throws IOException {
        int from = number("block", bytes.length / BLOCK + 1) * BLOCK;
        int to = Math.min(bytes.length, from + BLOCK * (1 + number("and", 16)));
        Arrays.fill(bytes, Math.min(from, to), to, (byte) 0);
        Files.write(file, bytes);
    }

    private void append(Path file, byte[] bytes) throws IOException {
        byte[] garbage = new byte[1 + number("bytes", 100)];
        random.nextBytes(garbage);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + garbage.length);
        System.arraycopy(garbage, 0, longer, bytes.length, garbage.length);
        Files.write(file, longer);
    }

    private void makeOlder(Path file) throws IOException {
        Path before = older.resolve(folder.relativize(file).toString());
        if (Files.exists(before)) {
            Files.write(file, Files.readAllBytes(before));
        } else {
            done.append(" (was not there)");
            Files.delete(file);
        }
    }
}
