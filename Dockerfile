# Ubuntu's variant of the image, since Alpine's has no arm64 for Java 17; it brings the curl that the health check uses.
FROM eclipse-temurin:17.0.20.1_1-jdk-noble AS build
WORKDIR /build
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY config config
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -DskipTests package
RUN java -Djarmode=tools -jar target/domain-event-routes-exec.jar extract --layers --destination layers

FROM eclipse-temurin:17.0.20.1_1-jre-noble
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin routes
WORKDIR /app

# What changes least comes first: a new build of the service uploads its own classes and little else.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./

# By number, so that Kubernetes can see that it is not root.
USER 10001

# A quarter of the container's memory is left for threads, buffers and metaspace. After an OutOfMemoryError nothing can be
# trusted: leave, be restarted, and let the leases run out.
ENV JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=75 -XX:+ExitOnOutOfMemoryError"

# 8080: POST /events. 9876: management, which listens on 127.0.0.1 unless MANAGEMENT_ADDRESS says otherwise.
EXPOSE 8080 9876

# Docker's own check; Kubernetes has its probes and does not look at this one.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD curl -fsS -o /dev/null "http://127.0.0.1:${MANAGEMENT_PORT:-9876}/observe/health/ready" || exit 1

ENTRYPOINT ["java", "-jar", "domain-event-routes-exec.jar"]
