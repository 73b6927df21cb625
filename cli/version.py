"""`cx version`."""

from __future__ import annotations

import platform
from importlib.metadata import version as installed

import typer

from cli.options import Json
from cli.terminal import answer
from cygni import __version__


def version(as_json: Json = False) -> None:
    """Show the versions of Cygni, the engine and the AWS provider."""
    from stacks.engine_version import WANTED

    versions = {
        "cygni": __version__,
        "engine": str(WANTED),
        "pulumi": installed("pulumi"),
        "pulumi-aws": installed("pulumi-aws"),
        "python": platform.python_version(),
    }
    if as_json:
        answer(versions)
        return
    for name, value in versions.items():
        typer.echo(f"{name:<11} {value}", err=True)
