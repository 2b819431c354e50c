/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes.Name;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What Maven Central asks for, and users expect, is in the files that a release publishes. */
class PublishedFilesIT {

    private static final XPath XPATH = XPathFactory.newInstance().newXPath();

    @Test
    void thePomNeedsNoParentAndSaysWhatCentralAsksFor() throws Exception {
        Document pom = pom();
        assertThat(nodes(pom, "/project/parent")).isEmpty();
        for (String path : List.of(
                "name",
                "description",
                "url",
                "licenses/license/name",
                "licenses/license/url",
                "developers/developer/name",
                "developers/developer/url",
                "scm/connection",
                "scm/developerConnection",
                "scm/url")) {
            assertThat(XPATH.evaluate("/project/" + path, pom)).as(path).isNotBlank();
        }
        assertThat(Files.readString(PublishedFiles.pom())).doesNotContain("${");
    }

    /** The url of a child is its parent's and the child's name, if nobody says otherwise. */
    @Test
    void thePomNamesOneHome() throws Exception {
        String home = XPATH.evaluate("/project/url", pom());
        assertThat(home).startsWith("https://").endsWith("/kafka-streams-vlog");
        assertThat(XPATH.evaluate("/project/scm/url", pom())).isEqualTo(home);
        assertThat(XPATH.evaluate("/project/scm/connection", pom())).isEqualTo("scm:git:" + home + ".git");
    }

    @Test
    void thePomBringsNothingButKafkaStreamsAndAnnotations() throws Exception {
        List<String> dependencies = new ArrayList<>();
        for (String dependency : nodes(pom(), "/project/dependencies/dependency/artifactId")) {
            String at = "/project/dependencies/dependency[artifactId='" + dependency + "']/";
            assertThat(XPATH.evaluate(at + "version", pom())).isNotBlank().doesNotContain("SNAPSHOT");
            dependencies.add(dependency + " " + XPATH.evaluate(at + "scope", pom()));
        }
        assertThat(dependencies)
                .containsExactlyInAnyOrder(
                        "kafka-streams compile",
                        "slf4j-api compile",
                        "jspecify compile",
                        "zstd-jni provided",
                        "lz4-java provided");
    }

    @Test
    void theJarHasItsLicenseAndItsPomAndNothingForeign() throws Exception {
        Path jar = PublishedFiles.jar();
        Map<String, byte[]> files = PublishedFiles.filesOf(jar);
        String embedded = "META-INF/maven/io.vlogstreams/kafka-streams-vlog/";
        assertThat(files.get("META-INF/LICENSE")).isEqualTo(Files.readAllBytes(Path.of("../LICENSE")));
        assertThat(files.get(embedded + "pom.xml")).isEqualTo(Files.readAllBytes(PublishedFiles.pom()));
        assertThat(PublishedFiles.textOf(jar, "META-INF/NOTICE")).startsWith("kafka-streams-vlog");
        assertThat(files.keySet().stream().filter(name -> !name.matches("io/vlogstreams/.*\\.class")))
                .containsExactlyInAnyOrder(
                        "META-INF/MANIFEST.MF",
                        "META-INF/LICENSE",
                        "META-INF/NOTICE",
                        embedded + "pom.xml",
                        embedded + "pom.properties");
    }

    /** A user's name, a folder or the time in there would be another one in the next build. */
    @Test
    void theManifestNamesTheModuleAndTheVersionButNotWhoBuiltIt() throws Exception {
        byte[] bytes = PublishedFiles.filesOf(PublishedFiles.jar()).get("META-INF/MANIFEST.MF");
        Manifest manifest = new Manifest(new ByteArrayInputStream(bytes));
        assertThat(manifest.getMainAttributes().getValue("Automatic-Module-Name"))
                .isEqualTo("io.vlogstreams");
        assertThat(manifest.getMainAttributes().getValue(Name.IMPLEMENTATION_VERSION))
                .isEqualTo(XPATH.evaluate("/project/version", pom()));
        assertThat(manifest.getMainAttributes().keySet().stream().map(Object::toString))
                .containsExactlyInAnyOrder(
                        "Manifest-Version",
                        "Created-By",
                        "Java-Version",
                        "Build-Jdk-Spec",
                        "Implementation-Title",
                        "Implementation-Version",
                        "Automatic-Module-Name");
    }

    @Test
    void everyClassHasItsSource() throws IOException {
        Set<String> sources = PublishedFiles.filesOf(PublishedFiles.sources()).keySet();
        Set<String> classes = PublishedFiles.filesOf(PublishedFiles.jar()).keySet().stream()
                .filter(name -> name.endsWith(".class") && !name.contains("$"))
                .map(name -> name.replace(".class", ".java"))
                .collect(Collectors.toSet());
        assertThat(classes).isNotEmpty();
        assertThat(sources).containsAll(classes).contains("META-INF/LICENSE", "META-INF/NOTICE");
    }

    @Test
    void theJavadocShowsTheApiAndNothingInternal() throws IOException {
        Path jar = PublishedFiles.javadoc();
        Set<String> pages = PublishedFiles.filesOf(jar).keySet();
        assertThat(pages).anyMatch(name -> name.endsWith("/io/vlogstreams/VLogStores.html"));
        assertThat(pages).noneMatch(name -> name.contains("internal"));
        assertThat(PublishedFiles.textOf(jar, "index-all.html")).doesNotContain("vlogstreams/internal");
    }

    @Test
    void theBillOfMaterialsNamesWhatTheJarNeeds() throws IOException {
        Path file = PublishedFiles.billOfMaterials();
        assumeThat(file).as("made online only").exists();
        JsonNode bill = new ObjectMapper().readTree(file.toFile());
        assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
        assertThat(bill.at("/metadata/component/name").asText()).isEqualTo("kafka-streams-vlog");
        assertThat(StreamSupport.stream(bill.path("components").spliterator(), false)
                        .map(component -> component.path("name").asText()))
                .contains("kafka-streams", "kafka-clients", "rocksdbjni", "slf4j-api", "jspecify")
                .doesNotContain("junit-jupiter", "assertj-core");
    }

    /** So that a build made again has the same bytes; .ci/reproducible makes it again and compares. */
    @Test
    void allEntriesOfTheJarsHaveOneTime() throws IOException {
        for (Path jar : List.of(PublishedFiles.jar(), PublishedFiles.sources(), PublishedFiles.javadoc())) {
            assertThat(PublishedFiles.timesOf(jar)).as("%s", jar).hasSize(1);
        }
    }

    private static Document pom() throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(PublishedFiles.pom().toFile());
    }

    private static List<String> nodes(Document document, String path) throws Exception {
        NodeList nodes = (NodeList) XPATH.evaluate(path, document, XPathConstants.NODESET);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }
}
