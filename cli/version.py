"""`cx version`."""

from __future__ import annotations

import platform
from importlib.metadata import version as installed

import typer

from cli.options import Json
from cli.terminal import answer
from cygni import __version__


def version(as_json: Json = False) -> None:
    """Show the versions of Cygni, the engine it needs and the AWS provider."""
    found = versions()
    if as_json:
        answer(found)
        return
    for name, value in found.items():
        label, said = ("engine", f"needs {value}") if name == "engine_needed" else (name, value)
        typer.echo(f"{label:<11} {said}", err=True)


def versions() -> dict[str, str]:
    """By name, as `cx version --json` has them."""
    from stacks.engine_version import WANTED

    return {
        "cygni": __version__,
        "engine_needed": str(WANTED),
        "pulumi": installed("pulumi"),
        "pulumi-aws": installed("pulumi-aws"),
        "python": platform.python_version(),
    }
