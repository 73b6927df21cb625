"""Somebody who does what a page of the documentation says, one section after the other."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.project import Project


class Reader:
    """`blocks` has the commands of each section that nobody has done yet."""

    def __init__(self, project: Project, page: Path) -> None:
        self.project = project
        self.folder = project.folder
        text = page.read_text(encoding="utf-8")
        parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
        found = {
            heading: re.findall(r"^```sh\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
            for heading, body in zip(parts[::2], parts[1::2], strict=True)
        }
        self.blocks = {heading: blocks for heading, blocks in found.items() if blocks}

    def do(self, heading: str, env: Mapping[str, str] | None = None) -> str:
        """Runs the commands of a section, which must succeed; what they print, for people and for programs. The next
        section begins in the folder where this one has ended."""
        script = "\n".join([*self.blocks.pop(heading), "pwd > .reader-is-in"])
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", script],
            cwd=self.folder,
            env=self.project.environ(**(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=400,
        )
        assert done.returncode == 0, done.stdout
        [place] = self.project.folder.rglob(".reader-is-in")
        self.folder = Path(place.read_text(encoding="utf-8").strip())
        place.unlink()
        return done.stdout
