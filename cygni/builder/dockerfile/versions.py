"""The tag of an image from the version that a project asks for (pure)."""

from __future__ import annotations

NEWEST = {
    "python": "3.13", "node": "24", "go": "1.25", "ruby": "3.4", "php": "8.4", "java": "21", "dotnet": "9.0",
    "elixir": "1.18", "swift": "6.1", "dart": "3.9", "rust": "1", "crystal": "1", "deno": "2", "bun": "1",
}  # fmt: skip
"""Where a project names no version: the newest with long-term support, or the newest, of late 2025, as the projects
themselves publish them."""


def tag(language: str, version: str | None, parts: int = 2) -> str:
    """The first `parts` numbers of a version: `3.11.9` is `3.11`, so that an image gets corrections."""
    return ".".join((version or NEWEST[language]).split(".")[:parts])
