"""What tells a framework by the packages that a manifest declares (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cygni.builder.detect.answer import Kind


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework of one ecosystem. Its slug is the way that ecosystem writes it.

    Any of `packages` tells it, by its whole name as a manifest declares it for running; with `dev_too` also among
    what is only for development, where build tools are declared. A package that ends in `*` stands for all that
    begin so. `port` is the framework's own default, `output` the folder it builds a site into, `start` and `build`
    its own commands where a project writes none, `health` a path that it answers by itself.
    """

    slug: str
    packages: tuple[str, ...]
    kind: Kind = Kind.SERVER
    port: int | None = None
    start: str | None = None
    build: str | None = None
    output: str | None = None
    health: str | None = None
    dev_too: bool = False

    def told_by(self, runtime: Collection[str], development: Collection[str] = ()) -> str | None:
        """The package that tells it."""
        declared = [*runtime, *development] if self.dev_too else runtime
        for package in self.packages:
            if package.endswith("*"):
                found = next((name for name in sorted(declared) if name.startswith(package[:-1])), None)
            else:
                found = package if package in declared else None
            if found:
                return found
        return None


def told(
    frameworks: Iterable[Framework], runtime: Collection[str], development: Collection[str] = ()
) -> list[tuple[Framework, str]]:
    """Those that are declared, each with the package that tells it, in the order of `frameworks`: what is built upon
    another comes before it."""
    found = [(framework, framework.told_by(runtime, development)) for framework in frameworks]
    return [(framework, package) for framework, package in found if package]


SystemPackages = Sequence[tuple[tuple[str, ...], tuple[str, ...]]]
"""Packages of an ecosystem, and the Debian packages that they take to build or to run."""


def system_packages(table: SystemPackages, declared: Collection[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The declared packages that need something, and what."""
    return [(name, needed) for names, needed in table for name in names if name in declared]
