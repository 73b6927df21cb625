"""What a build file of the JVM says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Build:
    """`packages` are what it declares for running, as `group:artifact`; `modules` the folders that it builds as well;
    `version` what it writes of Java's version, and where; `main` what makes it a program and not a library."""

    file: str
    tool: str
    language: str
    command: str
    packages: frozenset[str] = frozenset()
    modules: tuple[str, ...] = ()
    version: tuple[str | None, str] = (None, "")
    start: str | None = None
    main: str | None = None
    name: str | None = None
