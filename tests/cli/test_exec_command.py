"""A command that is run with the terminal of `cx`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from cli.exec_command import _attached
from cygni.errors import NotFound
from tests.cli.conftest import Cx


class TestAttached:
    @pytest.mark.parametrize(
        ("program", "code"),
        [
            ("raise SystemExit(7)", 7),
            ("pass", 0),
            ("import os; os.kill(os.getpid(), 15)", 128 + signal.SIGTERM),
        ],
    )
    def test_ends_as_the_program_does(self, program: str, code: int) -> None:
        assert _attached([sys.executable, "-c", program]) == code

    def test_has_the_folder_and_the_variables_and_no_others(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OWN", "1")
        program = "import os; open('out', 'w').write(os.environ['GIVEN'] + str('OWN' in os.environ))"
        assert _attached([sys.executable, "-c", program], str(tmp_path), {"GIVEN": "g"}) == 0
        assert (tmp_path / "out").read_text() == "gFalse"

    def test_leaves_ctrl_c_as_it_was(self) -> None:
        before = signal.getsignal(signal.SIGINT)
        program = f"import os, signal; os.kill(os.getppid(), {int(signal.SIGINT)})"
        assert _attached([sys.executable, "-c", program]) == 0
        assert signal.getsignal(signal.SIGINT) is before

    def test_says_which_program_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="no-such-program cannot be run there"):
            _attached(["no-such-program"], str(tmp_path), {"PATH": str(tmp_path)})


class TestOptions:
    def test_after_two_dashes_are_the_command_s_own(self, cx: Cx) -> None:
        """Else the error would be for programs."""
        ended = cx("exec", "web", "--", "program", "--json", "--debug")
        assert (ended.code, ended.out) == (6, "")
        assert "Traceback" not in ended.err
