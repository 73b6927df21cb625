"""What goes wrong with Cygni's own folder, in one wording."""

from __future__ import annotations

from pathlib import Path

from cygni.errors import StateError


def unusable(doing: str, path: Path, error: Exception) -> StateError:
    """That `path`, below Cygni's data folder, cannot be used: `doing` says for what (`write`, `lock`)."""
    reason = (
        "not text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", None) or error
    )
    return StateError(
        f"cannot {doing} {path}: {reason}",
        hint="Mend the folder's permissions or free some space, or choose another with CYGNI_DATA_DIR.",
    )
