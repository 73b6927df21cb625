"""Which of a framework's ways a project goes: a server, or files that anything serves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.languages.node.manifest import Manifest
from cygni.builder.detect.languages.node.scripts import for_production
from cygni.builder.detect.rules import Framework
from cygni.builder.detect.source import JAVASCRIPT
from cygni.builder.detect.tree import Tree, mapping, word

_ENDINGS: Final = ("ts", "js", "mjs", "mts", "cjs")


def config(tree: Tree, name: str) -> tuple[str, str]:
    """The code of `name.config.*` without comments, and the file's name; two empty texts where there is none."""
    file = tree.first(*(f"{name}.config.{ending}" for ending in _ENDINGS))
    return (tree.code(file, JAVASCRIPT), file) if file else ("", "")


def _option(code: str, name: str) -> str | None:
    """The text that a key of a configuration has."""
    found = re.search(rf"""\b{name}["']?\s*:\s*["'`]([^"'`\n]+)["'`]""", code)
    return found[1] if found else None


def is_site(tree: Tree, found: Manifest, framework: Framework) -> bool:
    """Whether a bundler makes a site here, and not a library, a program's bundle or the ground of a test runner."""
    code, _ = config(tree, framework.slug)
    if re.search(r"\blib\s*:\s*\{", code):
        return False
    builds = any(re.search(rf"(?:^|\s|/){framework.slug}\s+build\b", line) for line in found.scripts.values())
    return (
        tree.has("index.html")
        or (builds and not re.search(r"\bssr\s*:\s*true", code))
        or tree.has("src/index.html")
    )


def say_way(draft: Draft, tree: Tree, found: Manifest, framework: Framework) -> None:
    """Take kind and output folder of a framework that may be either, and of a site that is built elsewhere."""
    decide = _WAYS.get(framework.slug)
    if decide:
        decide(draft, tree, found)
    if framework.kind is Kind.STATIC:
        draft.say("kind", Kind.STATIC, f"{framework.slug} builds files")
    if draft.kind is Kind.STATIC:
        draft.say("output_directory", framework.output, f"{framework.slug} builds into it")


def _files(draft: Draft, why: str, output: str | None = None) -> None:
    draft.say("kind", Kind.STATIC, why)
    draft.say("output_directory", output, why)


def _next(draft: Draft, tree: Tree, found: Manifest) -> None:
    code, file = config(tree, "next")
    if _option(code, "output") == "export":
        _files(draft, f"{file} has output: export", _option(code, "distDir") or "out")


def _nuxt(draft: Draft, tree: Tree, found: Manifest) -> None:
    if re.search(r"\b(?:nuxt|nuxi)\s+generate\b", found.scripts.get("build", "")):
        _files(draft, "the build script generates files", ".output/public")


def _astro(draft: Draft, tree: Tree, found: Manifest) -> None:
    code, file = config(tree, "astro")
    output = _option(code, "output")
    node = "@astrojs/node" in found.runtime | found.development
    if output in ("server", "hybrid") or re.search(r"\badapter\s*:", code):
        draft.say("kind", Kind.SERVER, f"{file} has {'output: ' + output if output else 'an adapter'}")
        if node and re.search(r"""\bmode\s*:\s*["']standalone["']""", code):
            draft.say(
                "start_command",
                "HOST=0.0.0.0 node ./dist/server/entry.mjs",
                f"{file} has Node's adapter, standalone",
            )
    else:
        _files(draft, "Astro builds files unless its configuration says otherwise", _option(code, "outDir"))


def _react_router(draft: Draft, tree: Tree, found: Manifest) -> None:
    code, file = config(tree, "react-router")
    if re.search(r"\bssr\s*:\s*false\b", code):
        _files(draft, f"{file} has ssr: false")


def _remix(draft: Draft, tree: Tree, found: Manifest) -> None:
    code, file = config(tree, "vite")
    if re.search(r"\bssr\s*:\s*false\b", code):
        _files(draft, f"{file} has ssr: false")


def _sveltekit(draft: Draft, tree: Tree, found: Manifest) -> None:
    declared = found.runtime | found.development
    if "@sveltejs/adapter-node" in declared:
        draft.say("kind", Kind.SERVER, "package.json declares @sveltejs/adapter-node")
        draft.say("start_command", "node build", "@sveltejs/adapter-node builds a server into build")
    elif "@sveltejs/adapter-static" in declared:
        _files(draft, "package.json declares @sveltejs/adapter-static", "build")
    elif "@sveltejs/adapter-auto" in declared and for_production(found.scripts) is None:
        tree.note(
            "SvelteKit's adapter-auto builds nothing to start outside of a few hosts: add @sveltejs/adapter-node"
        )


def _served_by_nitro(draft: Draft, tree: Tree, found: Manifest) -> None:
    declared = found.runtime | found.development
    package = next((name for name in ("vinxi", "nitro", "nitropack") if name in declared), None)
    if package and for_production(found.scripts) is None:
        draft.say("start_command", "node .output/server/index.mjs", f"{package} builds a server into .output")


def _expo(draft: Draft, tree: Tree, found: Manifest) -> None:
    file = tree.first("app.json", "app.config.json")
    output = mapping(mapping(tree.json(file).get("expo")).get("web")).get("output") if file else None
    if output == "server":
        draft.say("kind", Kind.SERVER, f"{file} has web.output: server")
    elif "react-native-web" in found.runtime:
        _files(draft, "package.json declares react-native-web, so that it builds for browsers")


def _angular(draft: Draft, tree: Tree, found: Manifest) -> None:
    projects = mapping(tree.json_with_comments("angular.json").get("projects"))
    for name, project in projects.items():
        if mapping(project).get("projectType") == "library":
            continue
        parts = mapping(mapping(project).get("architect") or mapping(project).get("targets"))
        build = mapping(parts.get("build"))
        options = mapping(build.get("options"))
        path = options.get("outputPath")
        base = word(path) or word(mapping(path).get("base")) or f"dist/{name}"
        new = str(build.get("builder", "")).endswith((":application", ":browser-esbuild"))
        server = options.get("outputMode") == "server" or (
            options.get("ssr") and options.get("outputMode") != "static"
        )
        if server and "@angular/ssr" in found.runtime:
            draft.say("kind", Kind.SERVER, "angular.json renders on a server")
            if f"serve:ssr:{name}" not in found.scripts:
                draft.say(
                    "start_command", f"node {base}/server/server.mjs", "angular.json renders on a server"
                )
        else:
            browser = (
                f"{base}/browser"
                if new and not (isinstance(path, Mapping) and path.get("browser") == "")
                else base
            )
            _files(draft, "angular.json has it", browser)
        return


def _vite(draft: Draft, tree: Tree, found: Manifest) -> None:
    code, file = config(tree, "vite")
    draft.say("output_directory", _option(code, "outDir"), f"{file} has outDir")


def _from_the_build_script(inner: str) -> Callable[[Draft, Tree, Manifest], None]:
    def decide(draft: Draft, tree: Tree, found: Manifest) -> None:
        for name in ("build", "docs:build", "build:docs"):
            folder = re.search(r"\b(?:vitepress|vuepress)\s+build\s+([\w./-]+)", found.scripts.get(name, ""))
            if folder:
                path = folder[1].rstrip("/").removeprefix("./")
                draft.say(
                    "output_directory",
                    f"{path}/{inner}".removeprefix("./"),
                    f"the script {name} builds {path}",
                )

    return decide


_WAYS: Final[Mapping[str, Callable[[Draft, Tree, Manifest], None]]] = {
    "nextjs": _next,
    "nuxt": _nuxt,
    "astro": _astro,
    "react-router": _react_router,
    "remix": _remix,
    "sveltekit": _sveltekit,
    "tanstack-start": _served_by_nitro,
    "solidstart": _served_by_nitro,
    "expo": _expo,
    "angular": _angular,
    "vite": _vite,
    "vitepress": _from_the_build_script(".vitepress/dist"),
    "vuepress": _from_the_build_script(".vuepress/dist"),
}
