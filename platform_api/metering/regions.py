"""The region of an environment, as the folder says that was deployed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cygni.spec.loader import find_spec, load_spec
from platform_api.sources.archive import unpack


def region_in(archive: bytes, environment: str) -> str:
    """Raises UsageError, and what reading cygni.yaml does."""
    with tempfile.TemporaryDirectory() as folder:
        unpack(archive, Path(folder))
        return load_spec(find_spec(Path(folder)), environment).region
