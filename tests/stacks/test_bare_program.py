"""The program that the bare `pulumi` command runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from cygni.errors import NotFound
from stacks.__main__ import run
from tests.factories import spec_text
from tests.pulumi_mocks import Made, run_program


class TestBareProgram:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        (tmp_path / "cygni.yaml").write_text(spec_text())
        return tmp_path

    @staticmethod
    def run(stack: str, start: Path) -> Made:
        return run_program(lambda: run(stack, start), stack)

    @pytest.mark.parametrize("name", [".", "cygni.yaml"])
    def test_declares_the_stack_that_is_selected(self, project: Path, name: str) -> None:
        found = self.run("shop.staging.data", project / name)
        assert found.resources[0].type == "cygni:data:Bucket"
        assert found.of("Bucket")[1].inputs["tags"]["cygni:stack"] == "shop.staging.data"

    def test_finds_the_specification_above_the_folder(self, project: Path) -> None:
        (project / "a" / "b").mkdir(parents=True)
        assert len(self.run("shop.staging.foundation", project / "a" / "b").of("Vpc")) == 1

    def test_empties_a_stack_that_has_nothing_left(self, tmp_path: Path) -> None:
        (tmp_path / "cygni.yaml").write_text(spec_text(buckets=None))
        assert self.run("shop.staging.data", tmp_path).resources == []

    @pytest.mark.parametrize("stack", ["shop", "shop.staging", "shop.staging.web", "a.b.c.d", ""])
    def test_refuses_a_name_of_another_shape(self, project: Path, stack: str) -> None:
        with pytest.raises(NotFound, match="is not the name of a stack of Cygni"):
            run(stack, project)

    def test_refuses_another_project(self, project: Path) -> None:
        with pytest.raises(NotFound, match=r"is of project other, but the specification is of shop"):
            run("other.staging.data", project)
