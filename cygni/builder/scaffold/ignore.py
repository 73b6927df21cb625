"""`.dockerignore` (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cygni.builder.detect import Detection

_ALWAYS: Final = (
    ("what only tells of the project", (".git", ".github", ".gitlab-ci.yml", "cygni.yaml", ".dockerignore")),
    ("settings and secrets of one machine", (".env", ".env.*", ".DS_Store", ".idea", ".vscode")),
)  # fmt: skip
_BY_LANGUAGE: Final[Mapping[str, tuple[str, ...]]] = {
    "python": ("**/__pycache__", "**/*.pyc", ".venv", "venv", ".pytest_cache", ".mypy_cache", ".ruff_cache"),
    "node": ("**/node_modules", ".next", ".nuxt", ".output", ".svelte-kit", ".turbo", "coverage"),
    "go": ("**/*.test",),
    "rust": ("**/target",),
    "ruby": (".bundle", "vendor/bundle", "log", "tmp"),
    "php": ("vendor",),
    "java": ("**/target", "**/build", ".gradle"),
    "kotlin": ("**/target", "**/build", ".gradle"),
    "scala": ("**/target", ".bsp"),
    "clojure": ("**/target", ".cpcache"),
    "csharp": ("**/bin", "**/obj"),
    "fsharp": ("**/bin", "**/obj"),
    "elixir": ("_build", "deps"),
    "gleam": ("build",),
    "swift": (".build",),
    "dart": (".dart_tool", "build"),
    "haskell": (".stack-work", "dist-newstyle"),
    "crystal": ("lib",),
    "zig": (".zig-cache", "zig-out"),
    "cpp": ("build",),
}


def ignore_text(languages: Iterable[str | None], *, everywhere: bool = False) -> str:
    """What no image needs, of the languages of a project; `everywhere` is what is hidden also in folders below, where
    members of a project have settings of their own."""

    def written(patterns: Iterable[str]) -> list[str]:
        return [f"**/{one}" if everywhere and one.startswith(".") else one for one in patterns]

    lines = ["# What no image needs. The patterns begin at this folder; ** stands for any number of folders."]
    for what, patterns in _ALWAYS:
        lines += ["", f"# {what}", *written(patterns)]
    made = dict.fromkeys(
        pattern for language in languages for pattern in _BY_LANGUAGE.get(language or "", ())
    )
    if made:
        lines += ["", "# what is fetched or built", *written(made)]
    return "\n".join(lines) + "\n"


def languages_of(found: Detection) -> list[str | None]:
    """The languages of a project and of its members."""
    return [found.program.language, *(member.program.language for member in found.members), *found.also]
