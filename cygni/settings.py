"""Settings from the environment. Nothing is read at import: call `Settings.from_environment()` once, at the edge."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class Settings:
    """Where Cygni keeps things of its own on this machine; both paths are absolute.

    `data_dir` (`CYGNI_DATA_DIR`) holds what must not be lost: state, plans, the local cloud.
    `cache_dir` (`CYGNI_CACHE_DIR`) holds what can be made again: the engine.
    """

    data_dir: Path
    cache_dir: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; an unset or empty variable means the platform's usual folder."""
        values = os.environ if environ is None else environ
        return cls(
            data_dir=_folder(
                values.get("CYGNI_DATA_DIR"), platformdirs.user_data_path("cygni", appauthor=False)
            ),
            cache_dir=_folder(
                values.get("CYGNI_CACHE_DIR"), platformdirs.user_cache_path("cygni", appauthor=False)
            ),
        )


def _folder(chosen: str | None, usual: Path) -> Path:
    return Path(chosen).expanduser().absolute() if chosen else usual
