"""Frameworks of Node: what declares them, what they build into, and how they are started."""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.answer import Kind
from cygni.builder.detect.rules import Framework

_STATIC: Final = Kind.STATIC

SITES: Final = (
    Framework("blitz", ("blitz",), port=3000, build="blitz build", start="blitz start"),
    Framework("redwoodjs", ("@redwoodjs/core",), port=8910, build="rw build", start="rw serve", dev_too=True),
    Framework("hydrogen", ("@shopify/hydrogen",), port=3000, build="shopify hydrogen build"),
    Framework("umijs", ("umi", "@umijs/max"), _STATIC, build="umi build", output="dist", dev_too=True),
    Framework("gridsome", ("gridsome",), _STATIC, build="gridsome build", output="dist", dev_too=True),
    Framework("preact-cli", ("preact-cli",), _STATIC, build="preact build", output="build", dev_too=True),
    Framework("waku", ("waku",), port=8080, build="waku build", start="waku start"),
    Framework("nextjs", ("next",), port=3000, build="next build", start="next start"),
    Framework("nuxt", ("nuxt", "nuxt3", "nuxt-edge"), port=3000, build="nuxt build",
              start="node .output/server/index.mjs", output=".output/public", dev_too=True),
    Framework("tanstack-start", ("@tanstack/react-start", "@tanstack/solid-start", "@tanstack/start"), port=3000,
              build="vite build", dev_too=True),
    Framework("solidstart", ("@solidjs/start", "solid-start"), port=3000, build="vinxi build", dev_too=True),
    Framework("react-router", ("@react-router/dev", "@react-router/serve", "@react-router/node"), port=3000,
              build="react-router build", start="react-router-serve ./build/server/index.js", output="build/client",
              dev_too=True),
    Framework("remix", ("@remix-run/dev", "@remix-run/serve", "@remix-run/react", "@remix-run/node"), port=3000,
              build="remix vite:build", start="remix-serve ./build/server/index.js", output="build/client",
              dev_too=True),
    Framework("sveltekit", ("@sveltejs/kit",), port=3000, build="vite build", output="build", dev_too=True),
    Framework("qwik-city", ("@builder.io/qwik-city", "@qwik.dev/router"), port=3000, build="qwik build",
              dev_too=True),
    Framework("analog", ("@analogjs/platform",), port=3000, build="vite build",
              start="node dist/analog/server/index.mjs", dev_too=True),
    Framework("astro", ("astro",), port=4321, build="astro build", output="dist", dev_too=True),
    Framework("gatsby", ("gatsby",), _STATIC, build="gatsby build", output="public", dev_too=True),
    Framework("docusaurus", ("@docusaurus/core",), _STATIC, build="docusaurus build", output="build", dev_too=True),
    Framework("vitepress", ("vitepress",), _STATIC, build="vitepress build", output=".vitepress/dist", dev_too=True),
    Framework("vuepress", ("vuepress",), _STATIC, build="vuepress build", output=".vuepress/dist", dev_too=True),
    Framework("eleventy", ("@11ty/eleventy",), _STATIC, build="eleventy", output="_site", dev_too=True),
    Framework("hexo", ("hexo",), _STATIC, build="hexo generate", output="public", dev_too=True),
    Framework("expo", ("expo",), build="expo export --platform web", output="dist"),
    Framework("angular", ("@angular/core",), _STATIC, port=4000, build="ng build", output="dist"),
    Framework("ember", ("ember-source",), _STATIC, build="ember build --environment=production", output="dist",
              dev_too=True),
    Framework("vue-cli", ("@vue/cli-service",), _STATIC, build="vue-cli-service build", output="dist", dev_too=True),
    Framework("create-react-app", ("react-scripts", "@craco/craco"), _STATIC, build="react-scripts build",
              output="build", dev_too=True),
)  # fmt: skip
"""What makes a site or a program with one: it decides before the libraries it is made of."""

SERVERS: Final = (
    Framework("adonisjs", ("@adonisjs/core",), port=3333, build="node ace build", start="node build/bin/server.js"),
    Framework("strapi", ("@strapi/strapi",), port=1337, build="strapi build", start="strapi start",
              health="/_health"),
    Framework("directus", ("directus",), port=8055, start="directus start", health="/server/health"),
    Framework("keystone", ("@keystone-6/core",), port=3000, build="keystone build", start="keystone start"),
    Framework("medusa", ("@medusajs/medusa",), port=9000, build="medusa build", start="medusa start",
              health="/health"),
    Framework("nestjs", ("@nestjs/core",), port=3000, build="nest build", start="node dist/main"),
    Framework("feathers", ("@feathersjs/feathers",), port=3030),
    Framework("loopback", ("@loopback/core", "@loopback/rest"), port=3000),
    Framework("sails", ("sails",), port=1337),
    Framework("meteor", ("meteor-node-stubs",), port=3000),
    Framework("nitro", ("nitropack", "nitro"), port=3000, build="nitro build",
              start="node .output/server/index.mjs", dev_too=True),
    Framework("elysia", ("elysia",), port=3000),
    Framework("hono", ("hono",)),
    Framework("fastify", ("fastify",)),
    Framework("koa", ("koa",)),
    Framework("hapi", ("@hapi/hapi",)),
    Framework("express", ("express",)),
    Framework("polka", ("polka",)),
    Framework("restify", ("restify",), port=8080),
    Framework("apollo-server", ("@apollo/server", "apollo-server"), port=4000),
    Framework("h3", ("h3",), port=3000),
)  # fmt: skip

BUNDLERS: Final = (
    Framework("vite", ("vite",), _STATIC, build="vite build", output="dist", dev_too=True),
    Framework("rsbuild", ("@rsbuild/core",), _STATIC, build="rsbuild build", output="dist", dev_too=True),
    Framework(
        "parcel", ("parcel", "parcel-bundler"), _STATIC, build="parcel build", output="dist", dev_too=True
    ),
)
"""What makes a site of libraries. Programs and libraries are bundled with it as well, so it takes more to tell."""

UI: Final = (
    ("react", ("react",)),
    ("vue", ("vue",)),
    ("svelte", ("svelte",)),
    ("solid", ("solid-js",)),
    ("preact", ("preact",)),
    ("qwik", ("@builder.io/qwik", "@qwik.dev/core")),
    ("lit", ("lit", "lit-element")),
)
"""Libraries of a Vite project by the packages that declare them; React comes last where Preact stands in for it."""

WORKERS: Final = (
    "discord.js", "eris", "oceanic.js", "telegraf", "grammy", "node-telegram-bot-api", "@slack/bolt", "whatsapp-web.js",
    "bullmq", "bull", "bee-queue", "agenda", "node-cron", "node-schedule", "amqplib", "kafkajs", "moleculer",
    "@temporalio/worker",
)  # fmt: skip

SYSTEM_PACKAGES: Final = (
    (("canvas",), ("libcairo2", "libpango-1.0-0", "libjpeg62-turbo", "libgif7", "librsvg2-2")),
    (("puppeteer", "playwright", "@playwright/browser-chromium"), ("chromium",)),
    (("prisma", "@prisma/client"), ("openssl",)),
    (("fluent-ffmpeg",), ("ffmpeg",)),
    (("gm",), ("graphicsmagick",)),
)
