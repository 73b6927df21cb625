"""Inspection with small programs in the place of Syft, Trivy and Cosign."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cygni.builder.images.inspection import demand, inspect, sign
from cygni.builder.images.tools import TOOLS
from cygni.errors import BuildFailed, UsageError

DOCKER, _, BUILDAH = TOOLS
Put = Callable[[str, str], None]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}/usr/bin{os.pathsep}/bin")

    def put(name: str, script: str) -> None:
        (place / name).write_text(
            f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/asked\n{script}', encoding="utf-8"
        )
        (place / name).chmod(0o755)

    put("docker", "exit 0\n")
    put("buildah", "exit 0\n")
    return put


def asked(tmp_path: Path) -> list[str]:
    return (tmp_path / "asked").read_text(encoding="utf-8").splitlines()


def silent(line: str) -> None:
    pass


class TestSbom:
    MADE = 'for one in "$@"; do case "$one" in cyclonedx-json=*) echo {} > "${one#cyclonedx-json=}";; esac; done\n'

    def test_is_of_the_image_that_was_built(self, put: Put, tmp_path: Path) -> None:
        put("syft", self.MADE)
        inspect(DOCKER, "shop/web:1", silent, sbom=tmp_path / "web.cdx.json")
        assert (tmp_path / "web.cdx.json").read_text(encoding="utf-8") == "{}\n"
        saved, scanned = asked(tmp_path)
        file = saved.split("--output=")[1].split()[0]
        assert saved.endswith("shop/web:1")
        assert f"docker-archive:{file}" in scanned
        assert not Path(file).exists()

    def test_is_not_written_in_part(self, put: Put, tmp_path: Path) -> None:
        put("syft", "echo no catalog; exit 2\n")
        (tmp_path / "web.cdx.json").write_text("older", encoding="utf-8")
        with pytest.raises(
            BuildFailed, match=r"Syft could not make the SBOM: syft ended with 2\n  no catalog"
        ):
            inspect(DOCKER, "shop/web:1", silent, sbom=tmp_path / "web.cdx.json")
        assert (tmp_path / "web.cdx.json").read_text(encoding="utf-8") == "older"


class TestScan:
    def test_stops_for_what_is_mended_elsewhere(self, put: Put) -> None:
        put(
            "trivy",
            'echo "CVE-2026-1 openssl HIGH"; for one in "$@"; do case "$one" in --exit-code=*) exit ${one#*=};; esac; done\n',
        )
        told: list[str] = []
        with pytest.raises(BuildFailed, match="has packages with vulnerabilities"):
            inspect(DOCKER, "shop/web:1", told.append, scan=True)
        assert told == ["CVE-2026-1 openssl HIGH"]

    def test_that_finds_nothing_lets_pass(self, put: Put, tmp_path: Path) -> None:
        put("trivy", "exit 0\n")
        inspect(BUILDAH, "shop/web:1", silent, scan=True)
        assert "docker-archive:" in asked(tmp_path)[0]
        assert "--severity HIGH,CRITICAL" in asked(tmp_path)[1]

    def test_that_fails_is_no_finding(self, put: Put) -> None:
        put("trivy", "exit 1\n")
        with pytest.raises(BuildFailed, match="Trivy could not scan shop/web:1: it ended with 1"):
            inspect(DOCKER, "shop/web:1", silent, scan=True)


class TestSignature:
    def test_is_of_the_digest(self, put: Put, tmp_path: Path) -> None:
        put("cosign", "exit 0\n")
        sign("registry.example.org/shop/web:v1", "sha256:abc", silent)
        assert asked(tmp_path) == ["cosign sign --yes registry.example.org/shop/web@sha256:abc"]

    def test_that_fails_says_that_the_image_is_pushed(self, put: Put) -> None:
        put("cosign", "exit 1\n")
        with pytest.raises(BuildFailed, match="is pushed, and could not be signed"):
            sign("registry.example.org/shop/web:v1", "sha256:abc", silent)


def test_what_is_missing_is_said_first(put: Put) -> None:
    put("syft", "exit 0\n")
    demand("syft")
    with pytest.raises(UsageError, match="trivy is not installed"):
        demand("syft", "trivy")
