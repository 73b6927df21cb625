"""Projects to begin with: each a file of `templates/` that says in one line what it is, and holds its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cygni.builder.scaffold.writing import write_new
from cygni.errors import UsageError
from cygni.wording import did_you_mean

FOLDER: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Template:
    """`files` has texts by their paths in the project."""

    name: str
    about: str
    files: Mapping[str, str]


def templates() -> list[Template]:
    """All there are, by name."""
    import yaml

    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append(Template(path.stem, document["about"], document["files"]))
    return found


def template_for(name: str, folder: Path) -> Template:
    """The template of that name, whose files may be written into `folder`. Raises UsageError for one that there is not,
    and where one of its files is there already."""
    known = {one.name: one for one in templates()}
    if name not in known:
        raise UsageError(
            f"there is no template {name}{did_you_mean(name, known)}", hint=f"There are: {', '.join(known)}"
        )
    there = [path for path in known[name].files if os.path.lexists(folder / path)]
    if there:
        raise UsageError(
            f"{', '.join(there)} of {folder} would be overwritten, and nothing was written",
            hint=f"Begin in a folder of its own: cx init --template {name} FOLDER",
        )
    return known[name]


def write_template(template: Template, folder: Path) -> list[str]:
    """Write its files into a folder, which is made if it is not there; their paths. Raises UsageError."""
    return [path for path, text in template.files.items() if write_new(folder / path, text)]
