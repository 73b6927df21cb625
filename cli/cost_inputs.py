"""What `cx cost` is given: files, stdin, or stacks of the state."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cygni.errors import UsageError

if TYPE_CHECKING:
    from cygni.engine_documents.reading import EngineDocument
    from cygni.pricing.usage_rules import UsageRules

STDIN = "-"


def read_document(path: str, region: str) -> EngineDocument:
    """The document in a file, or on stdin for `-`. Raises UsageError where it cannot be opened, DocumentError where it
    cannot be read as one."""
    from cygni.engine_documents.reading import read_engine_document

    with _opened(path) as file:
        return read_engine_document(file.read, "stdin" if path == STDIN else path, region=region)


def usage_rules(file: Path | None, profile: str | None) -> UsageRules:
    """What to assume of use: by the usage file that is named, or else by that of the working folder, if there is one.

    Raises UsageError and SpecError.
    """
    from cygni.pricing.usage_profiles import Profile
    from cygni.pricing.usage_rules import UsageRules
    from cygni.spec.usage_file import load_usage, usage_in

    if profile is not None and profile not in tuple(Profile):
        raise UsageError(f"there is no profile {profile}", hint=f"Use one of: {', '.join(Profile)}.")
    found = load_usage(file) if file is not None else usage_in(Path())
    return UsageRules(file=found, profile=Profile(profile) if profile is not None else None)


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    hint = "Give the output of pulumi preview --json or pulumi stack export, or - to read it from stdin."
    if path == STDIN:
        if sys.stdin.isatty():
            raise UsageError("nothing is piped to stdin", hint=hint)
        yield sys.stdin.buffer
        return
    try:
        with Path(path).open("rb", buffering=0) as file:
            yield file
    except OSError as error:
        if error.errno in (errno.EIO, errno.ENOSPC):
            raise
        raise UsageError(f"cannot read {path}: {error.strerror or error}", hint=hint) from None
