# Ubuntu's variant of the image, since Alpine's has no arm64 build for Java 17; it includes curl for the health check.
FROM eclipse-temurin:17.0.20.1_1-jdk-noble AS build
WORKDIR /build
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY config config
COPY docs/events docs/events
COPY docs/operations docs/operations
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -DskipTests package
RUN java -Djarmode=tools -jar target/domain-event-routes-exec.jar extract --layers --destination layers

FROM eclipse-temurin:17.0.20.1_1-jre-noble
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin routes
WORKDIR /app
COPY deploy/jvm.options ./

# The layers that change least come first: a new build uploads only the service's own classes, their archive, and little else.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./

# The bill of materials, for scanners (CycloneDX); the jar has it, too.
COPY --from=build /build/target/classes/META-INF/sbom/application.cdx.json ./sbom/

# An archive of the classes that are loaded at startup, made by a start without servers: its routes start, too, and wait for
# servers until the process is ended. It must be made by this JVM and with these files: any other would ignore it, and start
# as slowly as without.
RUN KAFKA_BROKERS=localhost:1 DB_URL=jdbc:postgresql://localhost:1/none SMTP_HOST=localhost MAIL_FROM=nobody@example.com \
    MAIL_SECRETS=of-this-start-alone-which-sends-no-mail \
    timeout 60 java @jvm.options -XX:ArchiveClassesAtExit=classes.jsa -jar domain-event-routes-exec.jar \
        --spring.flyway.enabled=false --spring.datasource.hikari.connection-timeout=250; \
    test -s classes.jsa

# As a number, so that Kubernetes can see that it is not root.
USER 10001

# 8080: POST /events. 9876: management, which listens on 127.0.0.1 unless MANAGEMENT_ADDRESS says otherwise.
EXPOSE 8080 9876

# For Docker; Kubernetes has its own probes and ignores this one.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD curl -fsS -o /dev/null "http://127.0.0.1:${MANAGEMENT_PORT:-9876}/observe/health/ready" || exit 1

# The service writes only under /tmp: the root file system can be read-only.
# Jars in /app/components come last, so that the archive stays valid with or without them (docs/reference/components.md).
ENTRYPOINT ["java", "@jvm.options", "-XX:SharedArchiveFile=classes.jsa", "-cp", "domain-event-routes-exec.jar:components/*", "routes.Application"]

ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Domain event routes" \
      org.opencontainers.image.description="Kafka to mail, leaderboard positions and rewards for referral and waitlist campaigns" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
