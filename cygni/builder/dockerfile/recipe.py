"""How the image of a program is made: what is fetched and built in a first stage, and what a second one takes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FOLDER: Final = "/app"
"""Where the program is, in both stages: what an interpreter or a virtual environment remembers stays true."""
HOME: Final = "/root"
"""Of the user that builds."""
SUITE: Final = "bookworm"
"""Debian 12, the release that images of languages old and new are made from."""
PLAIN: Final = f"debian:{SUITE}-slim"
TRUST: Final = ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt")
TIME_ZONES: Final = ("/usr/share/zoneinfo", "/usr/share/zoneinfo")
"""What a plain Debian lacks, and a program that calls others or tells the time looks for."""
APT_CACHES: Final = ("/var/cache/apt", "/var/lib/apt/lists")


def place_of(below: str) -> str:
    """Where a member is, by its path from the root; empty for the root."""
    return f"{FOLDER}/{below}" if below else FOLDER


class Family(StrEnum):
    """What the final image is made from, which decides how a user is added and how health is asked for."""

    DEBIAN = "debian"
    ALPINE = "alpine"


@dataclass(frozen=True, slots=True)
class Step:
    """Lines of a shell that are run together. `caches` are folders kept from one build to the next, and no part of
    the image."""

    lines: tuple[str, ...]
    caches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a language makes of a program.

    `toolchain` and `runtime` are images. `prepare` runs before anything is copied, `manifests` are files and folders
    that `install` needs and nothing else of the program: while they are the same, what it fetched is taken from the
    cache. Without `manifests` everything is copied first. `takes` are paths of the first stage and where the
    second has them; `borrows` are images and a program of each that the first stage uses; `both` runs in both stages.
    `writable` are the folders below /app that the program writes to. `building` and `environment` are variables of the
    first stage and of the second. `start` is a line for a shell, where it is not the program's own. `place` is the
    folder that it is built and started in: that of a member, in a workspace.
    """

    toolchain: str
    runtime: str
    start: str | None = None
    prepare: Step | None = None
    manifests: tuple[str, ...] = ()
    install: Step | None = None
    build: Step | None = None
    takes: tuple[tuple[str, str], ...] = ((FOLDER, FOLDER),)
    borrows: tuple[tuple[str, str], ...] = ()
    both: Step | None = None
    writable: tuple[str, ...] = ()
    building: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    family: Family = Family.DEBIAN
    place: str = FOLDER


def apt(*packages: str) -> Step:
    """Packages of Debian's."""
    install = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    return Step(("apt-get update", install), APT_CACHES)
