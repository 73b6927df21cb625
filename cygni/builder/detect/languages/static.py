"""Sites of plain files, and those that generators in no other language's hands build."""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.tree import Tree, mapping, word

LANGUAGE: Final = "static"
_FOLDERS: Final = ("public", "site", "www", "html", "htdocs", "docs")


def look(tree: Tree) -> Draft | None:
    """What a site of files says of a folder."""
    return _hugo(tree) or _zola(tree) or _mkdocs(tree) or _mdbook(tree) or _plain(tree)


def _site(framework: str | None, file: str, build: str | None, output: str) -> Draft:
    draft = Draft()
    draft.say("language", LANGUAGE, f"{file} is there")
    draft.say("framework", framework, f"{file} is its configuration")
    draft.say("kind", Kind.STATIC, f"{file} is there")
    draft.say("build_command", build, f"{framework} is built so")
    draft.say("output_directory", output, f"{framework} builds into it" if framework else f"{file} is there")
    return draft


def _hugo(tree: Tree) -> Draft | None:
    file = tree.first("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json")
    if file is None and tree.first("config.toml", "config.yaml") and tree.has_folder("content"):
        old = tree.first("config.toml", "config.yaml")
        data = (tree.toml(old) if old == "config.toml" else tree.yaml(old)) if old else {}
        file = old if any(key.lower() == "baseurl" for key in data) and tree.first(
            "layouts/index.html", "archetypes/default.md") else None  # fmt: skip
        file = file or (old if "baseURL" in data and "languageCode" in data else None)
    return _site("hugo", file, "hugo --minify", "public") if file else None


def _zola(tree: Tree) -> Draft | None:
    if not (tree.has("config.toml") and tree.has_folder("content") and tree.has_folder("templates")):
        return None
    return (
        _site("zola", "config.toml", "zola build", "public")
        if "base_url" in tree.toml("config.toml")
        else None
    )


def _mkdocs(tree: Tree) -> Draft | None:
    file = tree.first("mkdocs.yml", "mkdocs.yaml")
    if file is None:
        return None
    return _site("mkdocs", file, "mkdocs build", word(tree.yaml(file).get("site_dir")) or "site")


def _mdbook(tree: Tree) -> Draft | None:
    if not tree.has("book.toml"):
        return None
    build = mapping(tree.toml("book.toml").get("build"))
    return _site("mdbook", "book.toml", "mdbook build", word(build.get("build-dir")) or "book")


def _plain(tree: Tree) -> Draft | None:
    file = tree.first("index.html", "index.htm")
    if file:
        return _site(None, file, None, ".")
    written = tree.yaml("Staticfile").get("root") if tree.has("Staticfile") else None
    folder = next((one for one in _FOLDERS if tree.has(f"{one}/index.html")), None)
    if tree.has("Staticfile"):
        return _site(None, "Staticfile", None, word(written) or folder or ".")
    if folder is None:
        return None
    draft = _site(None, f"{folder}/index.html", None, folder)
    draft.faint = True
    return draft
