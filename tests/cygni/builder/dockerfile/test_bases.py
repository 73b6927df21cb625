from __future__ import annotations

import pytest

from cygni.builder.dockerfile.bases import bases_of, final_base, pinned


@pytest.mark.parametrize(
    ("dockerfile", "base"),
    [
        ("FROM python:3.13\nRUN true\n", "python:3.13"),
        ("FROM node:22 AS build\nRUN npm ci\nFROM nginx:1\nCOPY --from=build /a /b\n", "nginx:1"),
        (
            "FROM --platform=$BUILDPLATFORM golang:1 as Build\nfrom debian:12 AS base\nFROM Base\n",
            "debian:12",
        ),
        ("ARG BASE=a\nFROM ${BASE}\n", "${BASE}"),
        ("# FROM nothing\nRUN echo FROM here\n", None),
        ("", None),
    ],
)
def test_the_image_below_the_last_stage_counts(dockerfile: str, base: str | None) -> None:
    assert final_base(dockerfile) == base


class TestPins:
    TEXT = "FROM node:24 AS build\nCOPY --from=composer:2 /a /a\nRUN FROM=node:24\nFROM node:24-slim\nCOPY --from=build /app /app\n"

    def test_are_for_images_and_not_for_stages(self) -> None:
        assert bases_of(self.TEXT) == ["node:24", "node:24-slim", "composer:2"]
        assert bases_of("FROM scratch\n") == []

    def test_follow_the_tag(self) -> None:
        text = pinned(self.TEXT, {"node:24": "sha256:a", "composer:2": "sha256:b", "build": "sha256:c"})
        assert text == self.TEXT.replace("node:24 AS", "node:24@sha256:a AS").replace(
            "composer:2 ", "composer:2@sha256:b "
        )
        assert bases_of(text) == bases_of(self.TEXT)
