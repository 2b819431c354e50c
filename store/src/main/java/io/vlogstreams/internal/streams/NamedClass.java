/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import java.util.Map;

/** A class that the properties of an application name, as a class or, from a file of properties, by its name. */
final class NamedClass {

    private NamedClass() {}

    /** Whether a property names a class of the public package. */
    static boolean isOurs(Map<String, ?> properties, String property) {
        Object named = properties.get(property);
        String name = named instanceof Class<?> type
                ? type.getName()
                : String.valueOf(named).trim();
        return name.lastIndexOf('.') >= 0
                && name.substring(0, name.lastIndexOf('.')).equals(VLogConfig.class.getPackageName());
    }
}
