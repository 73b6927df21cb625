"""`cygni.lock`: the digests of base images, beside cygni.yaml, so that an image is made of the same ones everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cygni.builder.scaffold.writing import write_new
from cygni.errors import UsageError

FILE: Final = "cygni.lock"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def read_lock(folder: Path) -> dict[str, str] | None:
    """The digests by image and tag; None where there is no lock. Raises UsageError where it cannot be read."""
    path = folder / FILE
    try:
        bases = json.loads(path.read_text(encoding="utf-8"))["bases"]
        read = {str(image): str(digest) for image, digest in bases.items()}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(path, str(error)) from error
    for image, digest in read.items():
        if not _DIGEST.fullmatch(digest):
            raise _bad(path, f"{image} has no digest")
    return read


def write_lock(folder: Path, digests: Mapping[str, str]) -> None:
    """Write all of it anew. Raises UsageError."""
    text = json.dumps({"bases": dict(sorted(digests.items()))}, indent=2)
    write_new(folder / FILE, f"{text}\n", overwrite=True)


def _bad(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{path} cannot be read: {why}", hint="Restore it, or write it anew: cx build --update-bases"
    )
