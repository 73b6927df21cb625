from __future__ import annotations

import pytest

from cygni.builder.dockerfile.bases import final_base


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
