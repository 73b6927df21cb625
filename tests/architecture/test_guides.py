"""The guides of docs/guides: their programs are what they say, and their commands work on them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cygni.builder.scaffold.template import templates
from docs.guides import MADE, files, filled

FOLDER = Path(__file__).parents[2] / "docs" / "guides"
GUIDES = sorted(FOLDER.glob("*.md"))
TEMPLATES = {
    "python": "python",
    "node": "node",
    "go": "go",
    "rust": "rust",
    "java": "java",
    "static-sites": "static",
    "shell": "shell",
}
"""Guides whose program a test of the whole deploys: it is the template's of that name."""
DEPLOYING = re.compile(r"^(?:cx deploy|cx logs|curl) ", re.MULTILINE)

PAGE = """\
# Shell

`run.sh`:

```shell
exec sleep 9
```

<!-- made: cx detect -->

```text
old
```
"""


class TestFilled:
    def test_makes_the_blocks_anew(self) -> None:
        text = filled(PAGE)
        assert "old" not in text
        assert "language           shell\n                     run.sh is there\n" in text
        assert filled(text) == text

    def test_refuses_what_nothing_makes(self) -> None:
        with pytest.raises(KeyError):
            filled(PAGE.replace("cx detect", "cx frobnicate"))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
class TestGuide:
    def test_has_all_that_is_made_of_its_program(self, guide: Path) -> None:
        text = guide.read_text(encoding="utf-8")
        assert re.findall(r"<!-- made: (.+?) -->", text) == list(MADE)

    def test_says_whether_its_program_was_deployed(self, guide: Path) -> None:
        text = guide.read_text(encoding="utf-8")
        if guide.stem in TEMPLATES:
            [template] = [one for one in templates() if one.name == TEMPLATES[guide.stem]]
            assert files(text) == template.files
        else:
            assert "deploying it was not tried" in " ".join(text.split())

    def test_has_commands_that_work(self, guide: Path, tmp_path: Path) -> None:
        """All but those that need a cloud, which tests/e2e/test_init.py does."""
        text = guide.read_text(encoding="utf-8")
        for name, content in files(text).items():
            (tmp_path / "hello" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "hello" / name).write_text(content, encoding="utf-8")
        lines = "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)).splitlines()
        here = [line for line in lines if not DEPLOYING.match(line)]
        assert len(lines) - len(here) == 2
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", "\n".join(here)],
            cwd=tmp_path / "hello",
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "HOME": str(tmp_path),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout in text  # the Dockerfile
