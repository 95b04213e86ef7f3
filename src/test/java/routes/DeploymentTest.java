package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** The files for Docker, Compose, Prometheus and Kubernetes fit the service and each other. No engine is needed for that. */
class DeploymentTest {

    private static final Path KUBERNETES = Path.of("deploy", "kubernetes");
    private static final Path SINGLE_SIGN_ON = KUBERNETES.resolve("components/single-sign-on");
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([A-Z][A-Z0-9_]*)` \\|");
    private static final Pattern INTERPOLATED = Pattern.compile("\\$\\{([A-Z_]+)");
    private static final Pattern RESOURCES = Pattern.compile("<resource>\\s*<directory>([^<]+)</directory>");
    private static final List<String> ROLES = List.of("email", "position", "reward", "publish", "routes");

    @Test
    void composeGivesTheServiceOnlySettingsThatTheReadmeHas() throws Exception {
        assertThat(services().values().stream().flatMap(service -> names(service.path("environment"))))
                .filteredOn(name ->
                        !name.matches("MANAGEMENT_LOGIN_USERS_0_(NAME|PASSWORD|ROLE)")) // a list's: Spring's rule
                .isSubsetOf(variables());
    }

    @Test
    void composeHasEveryRoleOnce() throws Exception {
        assertThat(services().values().stream()
                        .flatMap(service -> Stream.of(service.at("/environment/SERVICE_ROLES")
                                .asText()
                                .split(",", -1))))
                .containsExactlyInAnyOrderElementsOf(ROLES);
    }

    @Test
    void composeOpensNothingToOthersThanThisMachine() throws Exception {
        List<String> ports = new ArrayList<>();
        compose().path("services").forEach(service -> service.path("ports").forEach(port -> ports.add(port.asText())));

        assertThat(ports).hasSizeGreaterThan(8).allMatch(port -> port.startsWith("127.0.0.1:"));
        assertThat(ports.stream().map(port -> port.split(":", -1)[1])).doesNotHaveDuplicates();
    }

    @Test
    void composeRefersToWhatIsThereInVersionsThatStay() throws Exception {
        JsonNode compose = compose();
        Set<String> services = names(compose.path("services")).collect(Collectors.toSet());
        Set<String> volumes = names(compose.path("volumes")).collect(Collectors.toSet());
        for (JsonNode service : compose.path("services")) {
            assertThat(names(service.path("depends_on"))).isSubsetOf(services);
            assertThat(service.path("image").asText()).matches("[a-z/-]+:[v0-9.]+|domain-event-routes:local");
            for (JsonNode mount : service.path("volumes")) {
                String source = mount.asText().split(":", -1)[0];
                assertThat(volumes.contains(source) || Files.exists(Path.of(source)))
                        .as(source)
                        .isTrue();
            }
        }
    }

    @Test
    void theExampleOfComposesSettingsHasThoseThatItReads() throws Exception {
        Set<String> read = matches(INTERPOLATED, Files.readString(Path.of("docker-compose.yml")));

        assertThat(matches(Pattern.compile("(?m)^#?([A-Z_]+)="), Files.readString(Path.of(".env.example"))))
                .containsExactlyInAnyOrderElementsOf(read);
    }

    @Test
    void prometheusAsksEveryInstanceWhereItsMetricsAre() throws Exception {
        JsonNode job = yaml(Path.of("deploy/prometheus/prometheus.yml")).at("/scrape_configs/0");
        List<String> targets = new ArrayList<>();
        job.path("static_configs")
                .forEach(config -> targets.add(config.at("/targets/0").asText()));

        assertThat(job.path("metrics_path").asText()).isEqualTo(management("base-path") + "/metrics");
        assertThat(targets)
                .containsExactlyInAnyOrderElementsOf(
                        services().keySet().stream().map(name -> name + ":9876").toList());
    }

    @Test
    void theImageRunsWithoutRootAndIsAskedWhereItsHealthIs() throws Exception {
        String dockerfile = Files.readString(Path.of("Dockerfile"));

        assertThat(dockerfile)
                .contains("USER 10001")
                .contains("java @jvm.options")
                .contains("\"java\", \"@jvm.options\", \"-XX:AOTCache=service.aot\"")
                .contains("\"-cp\", \"domain-event-routes-exec.jar:components/*\", \"routes.Application\"")
                .contains("${MANAGEMENT_PORT:-9876}" + management("base-path") + "/health/ready");
        // What the build stage copies has to be let through.
        assertThat(Files.readAllLines(Path.of(".dockerignore")))
                .contains(
                        "!mvnw",
                        "!pom.xml",
                        "!.mvn",
                        "!config",
                        "!src",
                        "!docs/events",
                        "!docs/operations",
                        "!deploy/jvm.options",
                        "!examples/events",
                        "!src/test/resources/dev");
        assertThat(Path.of("deploy/jvm.options")).exists();
        // And what the build packages has to be copied.
        String build = Files.readString(Path.of("pom.xml")).replaceFirst("(?s)<profiles>.*", "");
        assertThat(RESOURCES.matcher(build).results()).hasSizeGreaterThan(1).allSatisfy(directory -> assertThat(
                        dockerfile)
                .contains("COPY " + directory.group(1).replace("src/main/resources", "src/main") + " "));
    }

    @Test
    void everyRoleHasADeploymentThatGetsWhatTheRoleNeeds() throws Exception {
        for (String role : ROLES) {
            JsonNode deployment = object(file(role), "Deployment");
            Map<String, JsonNode> environment = new LinkedHashMap<>();
            deployment
                    .at("/spec/template/spec/containers/0/env")
                    .forEach(variable -> environment.put(variable.path("name").asText(), variable));

            assertThat(environment
                            .getOrDefault("SERVICE_ROLES", MissingNode.getInstance())
                            .path("value")
                            .asText())
                    .isEqualTo(role);
            assertThat(environment.keySet()).isSubsetOf(variables()).contains("DB_URL");
            assertThat(environment.keySet().containsAll(List.of("SMTP_HOST", "MAIL_FROM")))
                    .isEqualTo(List.of("email", "reward").contains(role));
            assertThat(environment.containsKey("MAIL_SECRETS"))
                    .isEqualTo(List.of("email", "reward", "publish").contains(role));
            assertThat(environment.containsKey("PUBLISH_API_KEY")).isEqualTo(role.equals("publish"));
            assertThat(environment.containsKey("SMTP_PASSWORD")).isEqualTo(environment.containsKey("SMTP_HOST"));
            // Operators work inside a pod: each of these roles has operations that no other can do. The files of the
            // role routes
            // could read it: its pods have one of the team's own, from the overlay.
            assertThat(environment.containsKey("MANAGEMENT_PASSWORD")).isEqualTo(!role.equals("routes"));
        }
    }

    @Test
    void theConsumersOfATeamMayHaveAPasswordThatIsNotThatOfTheOthers() throws Exception {
        JsonNode patch = yaml(KUBERNETES.resolve("overlays/analytics/management.yaml"));
        JsonNode variable = patch.at("/spec/template/spec/containers/0/env/0");

        assertThat(patch.at("/metadata/name"))
                .isEqualTo(object(file("routes"), "Deployment").at("/metadata/name"));
        assertThat(variable.path("name").asText()).isEqualTo("MANAGEMENT_PASSWORD");
        assertThat(variable.at("/valueFrom/secretKeyRef/name").asText()).isEqualTo("management-analytics");
        assertThat(variable.at("/valueFrom/secretKeyRef/optional").asBoolean()).isTrue();
        assertThat(yaml(KUBERNETES.resolve("overlays/analytics/kustomization.yaml"))
                        .findValuesAsText("path"))
                .contains("management.yaml");
    }

    @Test
    void everySecretThatADeploymentReadsIsInTheExample() throws Exception {
        Set<String> known = new TreeSet<>();
        for (JsonNode secret : documents(KUBERNETES.resolve("secrets.example.yaml"))) {
            names(secret.path("stringData"))
                    .forEach(key -> known.add(secret.at("/metadata/name").asText() + "/" + key));
        }
        Set<String> read = new TreeSet<>();
        for (String role : ROLES) {
            for (JsonNode reference : object(file(role), "Deployment").findValues("secretKeyRef")) {
                read.add(reference.path("name").asText() + "/"
                        + reference.path("key").asText());
            }
        }
        read.add("management/" + clientSecret().path("key").asText());
        read.add("management-analytics/password");

        assertThat(read).containsExactlyInAnyOrderElementsOf(known);
    }

    @Test
    void theExampleOfTheSecretsAsksForTlsAndNoneOfItsPasswordsStartsTheService() throws Exception {
        for (JsonNode secret : documents(KUBERNETES.resolve("secrets.example.yaml"))) {
            secret.path("stringData").properties().forEach(entry -> {
                if (entry.getKey().matches("password|api-key|secrets|oidc-client-secret")) {
                    assertThat(entry.getValue().asText()).startsWith("change-me");
                } else if (entry.getKey().equals("url")) {
                    assertThat(entry.getValue().asText()).contains("?sslmode=verify-full&");
                }
            });
        }
    }

    @Test
    void brokersAreReachedByTlsAndTheirPortIsOpen() throws Exception {
        List<String> settings = new ArrayList<>(Files.readAllLines(KUBERNETES.resolve("base/settings.env")));
        for (String kustomization : List.of("routes", "overlays/production", "overlays/analytics")) {
            yaml(KUBERNETES.resolve(kustomization + "/kustomization.yaml"))
                    .findValues("literals")
                    .forEach(literals -> literals.forEach(literal -> settings.add(literal.asText())));
        }

        assertThat(settings)
                .filteredOn(setting -> setting.startsWith("KAFKA_BROKERS="))
                .hasSize(4)
                .allSatisfy(brokers -> assertThat(brokers).matches(".*:9093").doesNotContain(":9092"));
        assertThat(settings)
                .filteredOn(setting -> setting.startsWith("KAFKA_SECURITY_PROTOCOL="))
                .hasSize(2)
                .containsOnly("KAFKA_SECURITY_PROTOCOL=SSL");
        for (String file : List.of("base/network-policy.yaml", "routes/routes.yaml")) {
            assertThat(object(KUBERNETES.resolve(file), "NetworkPolicy").findValuesAsText("port"))
                    .contains("9093")
                    .doesNotContain("9092");
        }
    }

    /** A tag can be moved to another commit; a hash cannot. */
    @Test
    void theWorkflowsPinWhatTheyRunAndMayDoNothingMoreThanTheySay() throws Exception {
        Path workflows = Path.of(".github", "workflows");
        try (Stream<Path> files = Files.list(workflows)) {
            assertThat(files).hasSize(4).allSatisfy(file -> {
                JsonNode workflow = yaml(file);
                assertThat(workflow.at("/permissions/contents").asText()).isEqualTo("read");
                assertThat(workflow.path("permissions")).hasSize(1);
                assertThat(workflow.findValuesAsText("uses")).isNotEmpty().allSatisfy(action -> assertThat(action)
                        .matches("[a-z-]+/[a-z/-]+@[0-9a-f]{40}"));
            });
        }
        assertThat(Files.readString(workflows.resolve("build.yml")))
                .contains(".ci/run", "java: 17", "java: 25", "18.6.0");
        assertThat(Files.readString(workflows.resolve("fuzz.yml"))).contains("verify -Pfuzz", "schedule:");
        assertThat(yaml(Path.of(".github/dependabot.yml")).findValuesAsText("package-ecosystem"))
                .containsExactlyInAnyOrder("maven", "npm", "docker", "docker-compose", "github-actions");
    }

    @Test
    void theWrapperKnowsWhatItLoads() throws Exception {
        assertThat(Files.readString(Path.of(".mvn/wrapper/maven-wrapper.properties")))
                .containsPattern("(?m)^distributionSha256Sum=[0-9a-f]{64}$");
    }

    @Test
    void whatIsSelectedIsThere() throws Exception {
        for (String role : ROLES) {
            Path file = file(role);
            JsonNode labels = object(file, "Deployment").at("/spec/template/metadata/labels");

            assertThat(labels.path("app.kubernetes.io/component").asText()).isEqualTo(role);
            assertThat(object(file, "Deployment").at("/spec/selector/matchLabels"))
                    .isEqualTo(labels);
            assertThat(object(file, "PodDisruptionBudget").at("/spec/selector/matchLabels"))
                    .isEqualTo(labels);
        }
        JsonNode entrance = object(KUBERNETES.resolve("base/publish.yaml"), "Service");
        JsonNode publish = object(KUBERNETES.resolve("base/publish.yaml"), "Deployment");
        assertThat(entrance.at("/spec/selector")).isEqualTo(publish.at("/spec/template/metadata/labels"));
        assertThat(entrance.at("/spec/ports/0/targetPort"))
                .isEqualTo(publish.at("/spec/template/spec/containers/0/ports/0/name"));
    }

    @Test
    void thePodsAreProbedWhereTheirHealthIsAndRunRestricted() throws Exception {
        JsonNode pod = yaml(KUBERNETES.resolve("components/pod/pod.yaml")).at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");

        assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
        assertThat(container.at("/livenessProbe/httpGet/path").asText())
                .isEqualTo(management("base-path") + "/health/live");
        assertThat(container.at("/readinessProbe/httpGet/path").asText())
                .isEqualTo(management("base-path") + "/health/ready");
        assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(9876);
        JsonNode waits = object(file("publish"), "Deployment")
                .at("/spec/template/spec/containers/0/lifecycle/preStop/exec/command");
        assertThat(waits.path(0).asText()).isEqualTo("sleep");
        assertThat(waits.path(1).asInt()).isPositive();
        assertThat(pod.path("terminationGracePeriodSeconds").asInt())
                .isGreaterThan(waits.path(1).asInt()
                        + yaml(Path.of("src/main/resources/application.yaml"))
                                .at("/camel/main/shutdown-timeout")
                                .asInt()
                        + 10);
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .isTrue();
        assertThat(container.at("/securityContext/capabilities/drop/0").asText())
                .isEqualTo("ALL");
    }

    @Test
    void theSettingsOfTheOverlaysAreSettings() throws Exception {
        Set<String> settings =
                matches(Pattern.compile("(?m)^([A-Z_]+)="), Files.readString(KUBERNETES.resolve("base/settings.env")));
        for (String overlay : List.of("production", "msk", "analytics")) {
            yaml(KUBERNETES.resolve("overlays/" + overlay + "/kustomization.yaml"))
                    .path("configMapGenerator")
                    .forEach(map -> map.path("literals")
                            .forEach(literal -> settings.add(literal.asText().split("=", -1)[0])));
        }

        assertThat(variables()).containsAll(settings);
        assertThat(settings).contains("KAFKA_BROKERS", "KAFKA_TOPIC", "KAFKA_SASL_AUTH_TYPE");
    }

    @Test
    void theLagOfAGroupScalesItsDeploymentAndNotBeyondThePartitions() throws Exception {
        int partitions = 10;
        List<String> scaled = new ArrayList<>();
        for (JsonNode object : documents(KUBERNETES.resolve("components/autoscaling/scaled-objects.yaml"))) {
            String target = object.at("/spec/scaleTargetRef/name").asText();
            String role = target.substring("domain-event-routes-".length());
            scaled.add(role);

            assertThat(object.at("/spec/triggers/0/metadata/consumerGroup").asText())
                    .isEqualTo(role + "-workers");
            assertThat(object.at("/spec/maxReplicaCount").asInt()).isLessThanOrEqualTo(partitions);
        }
        assertThat(scaled).containsExactlyInAnyOrder("email", "position", "reward");
    }

    /** Each pod has its pool and a connection for its heartbeat. */
    @Test
    void thePageCountsTheConnectionsOfAllPods() throws Exception {
        String page = Files.readString(Path.of("docs/operate/deploy.md"));
        Map<String, JsonNode> scaled = new LinkedHashMap<>();
        for (JsonNode object : documents(KUBERNETES.resolve("components/autoscaling/scaled-objects.yaml"))) {
            scaled.put(object.at("/spec/scaleTargetRef/name").asText(), object.path("spec"));
        }
        int atRest = 0;
        int most = 0;
        for (String role : List.of("email", "position", "reward", "publish")) {
            JsonNode deployment = object(file(role), "Deployment");
            int pool = 20; // the default
            for (JsonNode variable : deployment.at("/spec/template/spec/containers/0/env")) {
                if (variable.path("name").asText().equals("DB_POOL_SIZE")) {
                    pool = variable.path("value").asInt();
                }
            }
            int replicas = deployment.at("/spec/replicas").asInt();
            JsonNode scaling =
                    scaled.getOrDefault(deployment.at("/metadata/name").asText(), MissingNode.getInstance());
            int fewest = scaling.path("minReplicaCount").asInt(replicas);
            int largest = scaling.path("maxReplicaCount").asInt(replicas);
            int each = pool + 1;
            atRest += fewest * each;
            most += largest * each;

            assertThat(page)
                    .contains("| `%s` | %d | %d × %d = %d | %d × %d = %d |"
                            .formatted(role, pool, fewest, each, fewest * each, largest, each, largest * each));
        }

        assertThat(page).contains("| all | | %d | %d |".formatted(atRest, most));
        assertThat(Files.readString(Path.of("src/main/resources/application.yaml")))
                .contains("${DB_POOL_SIZE:20}");
    }

    /** Where the machine has kubectl. */
    @ParameterizedTest
    @CsvSource({"production, 4, 3", "msk, 4, 3", "analytics, 1, 0"})
    void anOverlayIsRenderedAndAllThatItsPodsReferToIsInIt(String overlay, int pods, int scaled) throws Exception {
        assumeThat(Stream.of(System.getenv("PATH").split(":", -1))
                        .anyMatch(bin -> Files.isExecutable(Path.of(bin, "kubectl"))))
                .isTrue();
        Path rendered = Files.createTempFile("rendered", ".yaml");
        Process kubectl = new ProcessBuilder(
                        "kubectl",
                        "kustomize",
                        KUBERNETES.resolve("overlays/" + overlay).toString())
                .redirectOutput(rendered.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(kubectl.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(kubectl.exitValue()).isZero();

        List<JsonNode> objects = documents(rendered);
        Set<String> all = objects.stream()
                .map(object -> object.path("kind").asText() + "/"
                        + object.at("/metadata/name").asText())
                .collect(Collectors.toSet());
        List<JsonNode> deployments = objects.stream()
                .filter(object -> object.path("kind").asText().equals("Deployment"))
                .toList();
        assertThat(deployments).hasSize(pods).allSatisfy(deployment -> {
            JsonNode pod = deployment.at("/spec/template/spec");
            assertThat(all)
                    .contains("ServiceAccount/" + pod.path("serviceAccountName").asText())
                    .contains("ConfigMap/"
                            + pod.at("/containers/0/envFrom/0/configMapRef/name")
                                    .asText());
            pod.path("volumes").forEach(volume -> assertThat(all)
                    .contains(
                            volume.has("configMap")
                                    ? "ConfigMap/"
                                            + volume.at("/configMap/name").asText()
                                    : "Deployment/"
                                            + deployment.at("/metadata/name").asText()));
            assertThat(pod.path("containers")).hasSize(1);
            assertThat(pod.at("/containers/0/livenessProbe").isMissingNode()).isFalse();
            assertThat(pod.at("/containers/0/image").asText())
                    .doesNotEndWith("latest")
                    .contains(":");
        });
        assertThat(objects)
                .filteredOn(object -> object.path("kind").asText().equals("ScaledObject"))
                .hasSize(scaled)
                .allSatisfy(object -> assertThat(all)
                        .contains("Deployment/"
                                + object.at("/spec/scaleTargetRef/name").asText()));
        Files.delete(rendered);
    }

    @Test
    void singleSignOnIsOfOneRoleAndItsSettingsAreSettings() throws Exception {
        JsonNode patch = yaml(SINGLE_SIGN_ON.resolve("reward.yaml"));
        List<String> names = patch.at("/spec/template/spec/containers/0/env").findValuesAsText("name");

        assertThat(names).contains("MANAGEMENT_OIDC_CLIENT_SECRET");
        assertThat(variables())
                .containsAll(names.stream()
                        .filter(name -> name.startsWith("MANAGEMENT_"))
                        .toList());
        assertThat(patch.at("/metadata/name"))
                .isEqualTo(object(file("reward"), "Deployment").at("/metadata/name"));
        assertThat(clientSecret().path("name").asText()).isEqualTo("management");
        JsonNode service = object(SINGLE_SIGN_ON.resolve("pages.yaml"), "Service");
        assertThat(service.at("/spec/selector"))
                .isEqualTo(object(file("reward"), "Deployment").at("/spec/template/metadata/labels"));
        assertThat(object(SINGLE_SIGN_ON.resolve("pages.yaml"), "Ingress")
                        .findValue("backend")
                        .at("/service/name"))
                .isEqualTo(service.at("/metadata/name"));
    }

    private static JsonNode clientSecret() throws IOException {
        return yaml(SINGLE_SIGN_ON.resolve("reward.yaml")).findValue("secretKeyRef");
    }

    @Test
    void theConsumersThatAreDeployedAreTheExamples() throws Exception {
        assertThat(KUBERNETES.resolve("overlays/analytics/analytics.camel.yaml"))
                .hasSameTextualContentAs(Path.of("examples/routes/analytics.camel.yaml"));
    }

    /** An overlay's labels are added to every selector: to those of other pods, too, and then nobody has them. */
    @Test
    void thePolicyOfTheConsumersSelectsNoPodsButTheirOwn() throws Exception {
        JsonNode policy = object(file("routes"), "NetworkPolicy");

        assertThat(policy.at("/spec").findValues("podSelector")).hasSize(1);
        assertThat(policy.at("/spec/podSelector"))
                .isEqualTo(object(file("routes"), "Deployment").at("/spec/selector"));
    }

    /** Where a role's deployment stands. */
    private static Path file(String role) {
        return KUBERNETES.resolve(role.equals("routes") ? "routes/routes.yaml" : "base/" + role + ".yaml");
    }

    /** The services that are instances of this one. */
    private static Map<String, JsonNode> services() throws IOException {
        Map<String, JsonNode> own = new LinkedHashMap<>();
        compose().path("services").properties().forEach(service -> {
            if (service.getValue().path("environment").has("SERVICE_ROLES")) {
                own.put(service.getKey(), service.getValue());
            }
        });
        return own;
    }

    private static JsonNode compose() throws IOException {
        return yaml(Path.of("docker-compose.yml"));
    }

    private static String management(String key) throws IOException {
        return yaml(Path.of("src/main/resources/application.yaml"))
                .at("/management/endpoints/web/" + key)
                .asText();
    }

    /** The settings that docs/reference/settings.md lists. */
    private static Set<String> variables() throws IOException {
        return matches(FIRST_CELL, Files.readString(Path.of("docs/reference/settings.md")));
    }

    private static Set<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> names(JsonNode object) {
        return object.propertyStream().map(Map.Entry::getKey);
    }

    private static JsonNode object(Path file, String kind) throws IOException {
        return documents(file).stream()
                .filter(document -> document.path("kind").asText().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode yaml(Path file) throws IOException {
        List<JsonNode> documents = documents(file);
        assertThat(documents).as(file.toString()).hasSize(1);
        return documents.get(0);
    }

    private static List<JsonNode> documents(Path file) throws IOException {
        Iterable<Object> documents = new Yaml().loadAll(Files.readString(file));
        return StreamSupport.stream(documents.spliterator(), false)
                .map(document -> (JsonNode) MAPPER.valueToTree(document))
                .toList();
    }
}
