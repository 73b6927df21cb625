"""C# and F#: published with the SDK, run by the runtime of ASP.NET Core."""

from __future__ import annotations

from cygni.builder.detect.answer import Kind, Program
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.recipe import FOLDER, HOME, Recipe, Step
from cygni.builder.dockerfile.versions import tag


def recipe(program: Program, tree: Tree) -> Recipe | None:
    """None for a library. Everything is copied first: project files may be anywhere below."""
    if program.build_command is None or program.kind is Kind.STATIC:
        return None
    version = tag("dotnet", program.language_version)
    lines = tuple(line for line in (program.install_command, program.build_command) if line)
    return Recipe(
        toolchain=f"mcr.microsoft.com/dotnet/sdk:{version}",
        runtime=f"mcr.microsoft.com/dotnet/aspnet:{version}",
        build=Step(lines, (f"{HOME}/.nuget/packages",)),
        takes=((f"{FOLDER}/out", f"{FOLDER}/out"),),
    )
