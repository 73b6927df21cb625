"""The pipeline of `cx init --ci`."""

from __future__ import annotations

import os
from pathlib import Path


def write_pipeline(forge: str, folder: Path, region: str, *, asked: bool) -> tuple[bool, str]:
    """Writes the pipeline of the project in `folder` where the forge looks for it; one that is there is overwritten
    only after a person said so. Whether it was written, and its path from `folder`. Raises UsageError."""
    from cli.terminal import ask
    from cygni.builder.scaffold.pipeline import PLACES, pipeline_text, repository_top
    from cygni.builder.scaffold.writing import write_new

    top, own = repository_top(folder), folder.resolve()
    path = top / PLACES[forge]
    text = pipeline_text(forge, region=region, app=own.relative_to(top).as_posix())
    shown = os.path.relpath(path, own)
    overwrite = (
        asked
        and os.path.lexists(path)
        and ask(f"{shown} is there already. Overwrite it? (yes or no)", "no").lower() in ("y", "yes")
    )
    return write_new(path, text, overwrite=overwrite), shown
