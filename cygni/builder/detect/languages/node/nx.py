"""Projects of an Nx workspace: their packages are declared at its root, their project.json tells what builds them."""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.tree import Tree, mapping, word

_EXECUTORS: Final = (
    ("@nx/next:", "nextjs", Kind.SERVER, 3000),
    ("@nrwl/next:", "nextjs", Kind.SERVER, 3000),
    ("@nx/nuxt:", "nuxt", Kind.SERVER, 3000),
    ("@nx/remix:", "remix", Kind.SERVER, 3000),
    ("@nx/angular:", "angular", Kind.STATIC, None),
    ("@angular-devkit/build-angular:", "angular", Kind.STATIC, None),
    ("@angular/build:", "angular", Kind.STATIC, None),
    ("@nx/vite:build", "vite", Kind.STATIC, None),
)
"""What an executor begins with, and what it tells."""


def say_nx_project(draft: Draft, tree: Tree) -> None:
    data = tree.json("project.json")
    targets = mapping(data.get("targets"))
    name = word(data.get("name")) or tree.name
    if data.get("projectType") == "library":
        return
    for target in targets.values():
        executor = str(mapping(target).get("executor", ""))
        for begin, framework, kind, port in _EXECUTORS:
            if executor.startswith(begin):
                because = f"project.json builds with {executor}"
                draft.say("framework", framework, because)
                draft.say("kind", kind, because)
                draft.say("port", port, because)
    build = mapping(targets.get("build"))
    output = word(mapping(build.get("options")).get("outputPath"))
    if build:
        draft.say("build_command", f"npx nx build {name}", "project.json has the target build")
    if draft.kind is Kind.STATIC:
        draft.say("output_directory", output, "project.json has outputPath")
    elif output and str(build.get("executor", "")).endswith((":esbuild", ":node", ":webpack", ":tsc")):
        draft.say(
            "start_command", f"node {_up(tree)}{output}/main.js", "project.json builds a program into it"
        )


def _up(tree: Tree) -> str:
    """From a project to the root, which Nx's paths begin at."""
    return "../" * (tree.below.count("/") + 1)
