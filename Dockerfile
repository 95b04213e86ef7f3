# Built by the oldest Java that is supported, and run by a newer one. Ubuntu's variant: the PostgreSQL with which the service is trained needs its C
# library. It includes curl for the health check.
FROM eclipse-temurin:17.0.20.1_1-jdk-noble AS build
WORKDIR /build
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY config config
COPY docs/events docs/events
COPY docs/operations docs/operations
COPY src/main src/main
COPY src/dev src/dev
COPY src/test/resources/dev src/test/resources/dev
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw -B -DskipTests package dependency:copy-dependencies -DoutputDirectory=target/training/lib
RUN java -Djarmode=tools -jar target/domain-event-routes-exec.jar extract --layers --destination layers

# What runs is the same in training and in the image, down to the dates of files: the JVM would ignore a cache of anything else.
FROM eclipse-temurin:25.0.4.1_1-jre-noble AS service
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin routes
WORKDIR /app
COPY deploy/jvm.options ./

# The layers that change least come first: a new build uploads only the service's own classes, their cache, and little else.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./

# The bill of materials, for scanners (CycloneDX); the jar has it, too.
COPY --from=build /build/target/classes/META-INF/sbom/application.cdx.json ./sbom/

# The service works on the servers of the development platform, and as it ends, the JVM writes a cache of what it has learned: classes,
# loaded and linked, and profiles of methods, by which they are compiled sooner (JEP 483, 514 and 515). The build fails without it.
# The heap is as small as in a container: beyond 32 GB it would have other pointers, which a cache is bound to.
FROM service AS training
COPY --from=build /build/target/classes /training/classes
COPY --from=build /build/target/test-classes /training/test-classes
COPY --from=build /build/target/training/lib /training/lib
COPY examples/events /training/events
# PostgreSQL does not run as root.
USER 10001
RUN java -Dplatform.data=/tmp/platform -Dlogback.configurationFile=dev/kafka-logback.xml \
        -cp '/training/test-classes:/training/classes:/training/lib/*' routes.dev.Training /training/events \
        java @jvm.options -XX:MaxRAM=512m -XX:AOTCacheOutput=/tmp/service.aot \
            -cp 'domain-event-routes-exec.jar:components/*' routes.Application \
    && test -s /tmp/service.aot

FROM service
COPY --from=training /tmp/service.aot ./

# As a number, so that Kubernetes can see that it is not root.
USER 10001

# 8080: POST /events. 9876: management, which listens on 127.0.0.1 unless MANAGEMENT_ADDRESS says otherwise.
EXPOSE 8080 9876

# For Docker; Kubernetes has its own probes and ignores this one.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD curl -fsS -o /dev/null "http://127.0.0.1:${MANAGEMENT_PORT:-9876}/observe/health/ready" || exit 1

# The service writes only under /tmp: the root file system can be read-only.
# Jars in /app/components come last, so that the cache stays valid with or without them (docs/reference/components.md).
ENTRYPOINT ["java", "@jvm.options", "-XX:AOTCache=service.aot", "-cp", "domain-event-routes-exec.jar:components/*", "routes.Application"]

ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Domain event routes" \
      org.opencontainers.image.description="Kafka to mail, leaderboard positions and rewards for referral and waitlist campaigns" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
