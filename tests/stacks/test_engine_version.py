from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.engine_version import MINIMUM, PINNED, NotAnEngine, Version, VersionMemory, ask

if TYPE_CHECKING:
    from tests.stacks.conftest import Machine


class TestVersion:
    @pytest.mark.parametrize(
        "text", ["3.255.0", "v3.255.0", "warning: new version\nv3.255.0+dirty\n", " v3.255.0 "]
    )
    def test_is_read_with_or_without_what_surrounds_it(self, text: str) -> None:
        assert Version.parse(text) == Version(3, 255, 0)

    @pytest.mark.parametrize("text", ["", "hello", "3.255", "pulumi 3.255.0", "v3.255.0.1"])
    def test_is_not_read_from_other_text(self, text: str) -> None:
        assert Version.parse(text) is None

    @pytest.mark.parametrize(
        ("text", "compatible"),
        [
            ("3.255.0", True),
            ("3.255.1-beta.1", True),
            ("3.1000.0", True),
            ("3.255.0-rc.1", False),
            ("3.99.9", False),
            ("4.0.0", False),
            ("2.999.0", False),
        ],
    )
    def test_is_compatible_from_the_pinned_one_within_its_major(self, text: str, compatible: bool) -> None:
        version = Version.parse(text)
        assert version is not None
        assert version.compatible is compatible
        assert str(version) == text

    @given(st.text(max_size=60))
    def test_parsing_any_text_raises_nothing(self, text: str) -> None:
        version = Version.parse(text)
        assert version is None or Version.parse(str(version)) == version

    def test_pinned_is_the_one_of_the_go_module(self) -> None:
        go_mod = Path(__file__).parents[2] / "engine" / "go.mod"
        required = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", go_mod.read_text())
        assert required is not None
        assert required[1] == PINNED == str(MINIMUM)


class TestAsk:
    def test_gives_up_on_an_executable_that_hangs(self, machine: Machine) -> None:
        hanging = machine.script(machine.bin / "pulumi", "sleep 120")
        started = time.monotonic()
        with pytest.raises(NotAnEngine, match="did not answer `version` within 1 s"):
            ask(hanging, machine.environ, timeout=1)
        assert time.monotonic() - started < 60

    def test_says_why_a_file_cannot_be_run(self, machine: Machine) -> None:
        broken = machine.bin / "pulumi"
        broken.write_bytes(b"\x7fELF")
        broken.chmod(0o755)
        with pytest.raises(NotAnEngine, match="cannot be run"):
            ask(broken, machine.environ)

    def test_keeps_the_engine_from_looking_for_updates(self, machine: Machine) -> None:
        nosy = machine.script(machine.bin / "pulumi", 'echo "skip=$PULUMI_SKIP_UPDATE_CHECK"')
        assert ask(nosy, machine.environ) == "skip=true"


class TestVersionMemory:
    @pytest.fixture
    def asked(self) -> list[Path]:
        return []

    @pytest.fixture
    def memory(self, tmp_path: Path, asked: list[Path]) -> VersionMemory:
        def answer(path: Path) -> str:
            asked.append(path)
            return "v3.255.0"

        return VersionMemory(tmp_path / "cache" / "versions.json", answer)

    @staticmethod
    def binary(path: Path, content: bytes = b"\x7fELF") -> Path:
        path.write_bytes(content)
        return path

    def test_asks_once(self, tmp_path: Path, memory: VersionMemory, asked: list[Path]) -> None:
        program = self.binary(tmp_path / "pulumi")
        assert memory.version(program) == memory.version(program) == MINIMUM
        assert asked == [program]

    def test_asks_again_when_the_file_changed(
        self, tmp_path: Path, memory: VersionMemory, asked: list[Path]
    ) -> None:
        program = self.binary(tmp_path / "pulumi")
        memory.version(program)
        memory.version(self.binary(program, b"\x7fELF and more"))
        assert len(asked) == 2

    def test_asks_a_script_each_time(self, tmp_path: Path, memory: VersionMemory, asked: list[Path]) -> None:
        script = self.binary(tmp_path / "pulumi", b"#!/bin/sh\n")
        memory.version(script)
        memory.version(script)
        assert len(asked) == 2

    def test_asks_a_link_to_another_program_each_time(
        self, tmp_path: Path, memory: VersionMemory, asked: list[Path]
    ) -> None:
        link = tmp_path / "pulumi"
        link.symlink_to(self.binary(tmp_path / "version-manager"))
        memory.version(link)
        memory.version(link)
        assert len(asked) == 2

    @pytest.mark.parametrize(
        "content", ["", "{", "[]", '{"PROGRAM": 1}', '{"PROGRAM": {"key": [4], "version": "x"}}', "[" * 9999]
    )
    def test_survives_a_damaged_memory(
        self, tmp_path: Path, memory: VersionMemory, asked: list[Path], content: str
    ) -> None:
        program = self.binary(tmp_path / "pulumi")
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache" / "versions.json").write_text(content.replace("PROGRAM", str(program)))
        memory.version(program)
        memory.version(program)
        assert len(asked) == 1

    def test_works_where_nothing_can_be_remembered(
        self, tmp_path: Path, memory: VersionMemory, asked: list[Path]
    ) -> None:
        (tmp_path / "cache").write_text("no folder")
        program = self.binary(tmp_path / "pulumi")
        memory.version(program)
        memory.version(program)
        assert len(asked) == 2

    def test_forgets_programs_that_are_gone(self, tmp_path: Path, memory: VersionMemory) -> None:
        gone, here = self.binary(tmp_path / "gone"), self.binary(tmp_path / "pulumi")
        memory.version(gone)
        gone.unlink()
        memory.version(here)
        assert list(json.loads((tmp_path / "cache" / "versions.json").read_text())) == [str(here)]
