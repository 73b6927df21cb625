"""Frameworks of the JVM, by group and artifact of what declares them."""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.rules import Framework

FRAMEWORKS: Final = (
    Framework("spring-boot", ("org.springframework.boot:*",), port=8080),
    Framework("quarkus", ("io.quarkus:*", "io.quarkus.platform:*"), port=8080),
    Framework("micronaut", ("io.micronaut:*", "io.micronaut.platform:*"), port=8080),
    Framework("ktor", ("io.ktor:ktor-server*",), port=8080),
    Framework("http4k", ("org.http4k:*",), port=9000),
    Framework("dropwizard", ("io.dropwizard:dropwizard-core",), port=8080),
    Framework("helidon", ("io.helidon*",), port=8080),
    Framework("vertx", ("io.vertx:vertx-web", "io.vertx:vertx-core"), port=8080),
    Framework("javalin", ("io.javalin:javalin",), port=7070),
    Framework("jooby", ("io.jooby:*",), port=8080),
    Framework("sparkjava", ("com.sparkjava:spark-core",), port=4567),
    Framework("play", ("org.playframework:*", "com.typesafe.play:play*"), port=9000),
    Framework("http4s", ("org.http4s:http4s-ember-server*", "org.http4s:http4s-blaze-server*"), port=8080),
    Framework("pekko-http", ("org.apache.pekko:pekko-http*",), port=8080),
    Framework("akka-http", ("com.typesafe.akka:akka-http*",), port=8080),
    Framework("zio-http", ("dev.zio:zio-http",), port=8080),
    Framework("cask", ("com.lihaoyi:cask",), port=8080),
    Framework("pedestal", ("io.pedestal:*",), port=8080),
    Framework("luminus", ("luminus:*",), port=3000),
    Framework("compojure", ("compojure:compojure",), port=3000),
    Framework("reitit", ("metosin:reitit*",), port=3000),
    Framework("ring", ("ring:ring-core", "ring:ring", "ring:ring-jetty-adapter"), port=3000),
)  # fmt: skip

HEALTH: Final = (
    ("org.springframework.boot:spring-boot-starter-actuator", "/actuator/health"),
    ("io.quarkus:quarkus-smallrye-health", "/q/health"),
    ("io.micronaut:micronaut-management", "/health"),
)
"""Artifacts that answer a health path by themselves."""
