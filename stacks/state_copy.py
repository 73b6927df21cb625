"""Copies of the engine's state, for the day the state itself cannot be read.

The engine writes its checkpoint without a flush to the disk and, on a full one, leaves it cut off; it then copies
the damaged file over its own `.bak`. So Cygni keeps a copy of its own, whole and flushed, beside the settings of the
stack. Only the default `file://` backend needs that: databases and object stores write whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cygni.errors import StateError
from stacks.operations import EngineSettings
from stacks.records import write_whole
from stacks.state import checkpoint_path, file_backend, latest_in


def keep_copy(settings: EngineSettings, stack: str) -> None:
    """Keeps the state as it is now, if it can be read; an earlier copy stays otherwise. Raises StateError if the
    copy cannot be written."""
    folder = file_backend(settings.backend_url)
    if folder is None:
        return
    try:
        content = checkpoint_path(folder, stack).read_bytes()
        latest_in(content)
    except (OSError, ValueError):
        return
    write_whole(_own_copy(settings, stack), content.decode())


def forget_copy(settings: EngineSettings, stack: str) -> None:
    """To be called when the stack itself is gone."""
    _own_copy(settings, stack).unlink(missing_ok=True)


def is_damaged(settings: EngineSettings, stack: str) -> bool:
    """Whether the state of `stack` is there and is not what an engine writes."""
    folder = file_backend(settings.backend_url)
    if folder is None:
        return False
    try:
        latest_in(checkpoint_path(folder, stack).read_bytes())
    except OSError:
        return False
    except ValueError:
        return True
    return False


def restore_newest(settings: EngineSettings, stack: str) -> str:
    """Puts the newest readable copy in the place of a damaged state; returns in words which one it was.

    Of Cygni's copy and those of the engine the one written last wins. Raises StateError if there is none.
    """
    folder = file_backend(settings.backend_url)
    assert folder is not None, "only files are damaged"
    path = checkpoint_path(folder, stack)
    readable = [
        (_written_at(latest), origin, content) for origin, content, latest in _copies(settings, stack)
    ]
    if not readable:
        raise StateError(
            f"the state {path} is damaged, and no copy of it can be read",
            hint="Put a backup of this file in its place. Without one, look in the cloud for the tag cygni:stack "
            f"with the value {stack}, delete what has it, and remove the file.",
        )
    written, origin, content = max(readable, key=lambda copy: copy[0])
    write_whole(path, content.decode(), private=False)
    path.with_name(f"{path.name}.attrs").unlink(missing_ok=True)  # it described the damaged one
    when = (
        f" of {datetime.fromtimestamp(written).astimezone().isoformat(timespec='seconds')}" if written else ""
    )
    return f"{origin}{when}"


def _copies(settings: EngineSettings, stack: str) -> Iterator[tuple[str, bytes, dict[str, object]]]:
    """The readable copies: where from, the whole file, and the state in it. Cygni's own comes first."""
    folder = file_backend(settings.backend_url)
    assert folder is not None
    path = checkpoint_path(folder, stack)
    places = [("Cygni's copy", _own_copy(settings, stack)), ("the engine's copy", Path(f"{path}.bak"))]
    backups = folder / ".pulumi" / "backups" / path.parent.name / stack
    if backups.is_dir():
        places += [("the engine's backup", backup) for backup in backups.glob("*.json")]
    for origin, place in places:
        try:
            content = place.read_bytes()
            yield origin, content, latest_in(content)
        except (OSError, ValueError):
            continue


def _written_at(latest: dict[str, object]) -> float:
    """When the engine wrote a state, in seconds since the epoch; 0 for one that holds nothing yet."""
    manifest = latest.get("manifest")
    try:
        return (
            datetime.fromisoformat(str(manifest["time"])).timestamp() if isinstance(manifest, dict) else 0.0
        )
    except (KeyError, ValueError):
        return 0.0


def _own_copy(settings: EngineSettings, stack: str) -> Path:
    return settings.config_dir / f"{stack}.state.json"
