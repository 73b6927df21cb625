"""The parts of docs/guides that follow from the code: what is detected of a guide's program, and what is written.

A guide holds the files of a small program, each after a line with its name. What is made of them stands after one of
the comments of MADE, in a block that is written anew.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cli.detect import described
from cygni.builder.detect import Detection, detect
from cygni.builder.images.sources import image_source
from cygni.builder.scaffold.plan import services_of
from cygni.builder.scaffold.text import spec_text

_FILE: Final = re.compile(r"^`([^`\n]+)`:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK: Final = re.compile(r"^<!-- made: (.+?) -->\n\n```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)


def guides(folder: Path) -> Mapping[str, str]:
    """Every guide of docs/guides below `folder` as it has to be, by its path."""
    found = sorted((folder / "docs" / "guides").glob("*.md"))
    return {path.relative_to(folder).as_posix(): filled(path.read_text(encoding="utf-8")) for path in found}


def files(text: str) -> Mapping[str, str]:
    """The files of a guide's program, by their paths."""
    return dict(_FILE.findall(text))


def filled(text: str) -> str:
    """A guide with its made blocks as the code makes them. Raises KeyError for a comment that names none of MADE."""
    with tempfile.TemporaryDirectory(prefix="cx-guide-") as made:
        folder = Path(made)
        for name, content in files(text).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8")
        found = detect(folder)
        return _BLOCK.sub(lambda block: _block(block[1], MADE[block[1]](folder, found)), text)


def _block(name: str, content: str) -> str:
    language = {"cygni.yaml": "yaml", "Dockerfile": "dockerfile"}.get(name, "text")
    return f"<!-- made: {name} -->\n\n```{language}\n{content}```"


def _detected(folder: Path, found: Detection) -> str:
    return "".join(f"{line}\n" for line in described(found))


def _services(folder: Path, found: Detection) -> str:
    """The section `services` of cygni.yaml."""
    text = spec_text("hello", "us-east-1", services_of(found))
    _, heading, rest = text.partition("services:\n")
    return heading + rest.partition("\n\n")[0].rstrip() + "\n"


def _dockerfile(folder: Path, found: Detection) -> str:
    """As after `cx init`, whose start command counts."""
    [service] = services_of(found)
    return image_source(folder, start=service.bundle.start or None).dockerfile


MADE: Final[Mapping[str, Callable[[Path, Detection], str]]] = {
    "cx detect": _detected,
    "cygni.yaml": _services,
    "Dockerfile": _dockerfile,
}
