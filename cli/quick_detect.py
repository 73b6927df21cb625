"""`cx detect [PATH] --json` without Typer, whose import takes three times as long as the answer. An editor asks for it
at every save, a script for every folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from cygni.errors import CygniError


def quick_answer(arguments: Sequence[str]) -> str | None:
    """What it prints; None for any other way to call it, and where there is an error to show."""
    others = [argument for argument in arguments if argument != "--json"]
    if len(arguments) != len(others) + 1 or len(others) > 1 or any(one.startswith("-") for one in others):
        return None
    from cygni.builder.detect import detect

    try:
        return json.dumps(detect(Path(*others)).to_dict()) + "\n"
    except CygniError:
        return None
