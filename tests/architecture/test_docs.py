"""The documentation says what the code does, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


class TestGeneratedPages:
    def test_are_what_the_code_makes_of_them_now(self) -> None:
        finished = subprocess.run(
            [sys.executable, "docs/generate.py", "--check"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr


class TestLinks:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_lead_to_files_that_exist(self, page: Path) -> None:
        targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        local = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
        assert [target for target in local if not (page.parent / target).exists()] == []


class TestDecisions:
    @pytest.mark.parametrize(
        "record", sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")), ids=lambda path: path.stem
    )
    def test_have_the_form_that_the_first_one_asks_for(self, record: Path) -> None:
        title, _, status, *rest = record.read_text(encoding="utf-8").splitlines()
        assert title.startswith(f"# {int(record.stem[:4])}. ")
        assert re.fullmatch(r"Status: accepted, \d{4}-\d\d-\d\d(\. Superseded by \d+)?", status)
        headings = [line for line in rest if line.startswith("## ")]
        assert headings == ["## Context", "## Decision", "## Consequences"]

    def test_have_a_number_of_their_own(self) -> None:
        numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
        assert len(set(numbers)) == len(numbers)


class TestMakeTargets:
    def test_that_the_docs_name_exist(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        defined = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
        named = {
            target
            for page in PAGES
            for target in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        }
        assert {"demo", "test"} <= named <= defined
