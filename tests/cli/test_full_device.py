from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
class TestAFullStdout:
    def test_leaves_one_error_on_stderr_and_the_exit_code(self, tmp_path: Path) -> None:
        program = "from cli.main import main; main()"
        with FULL.open("wb") as full:
            done = subprocess.run(
                [sys.executable, "-c", program, "diff", "--json", "-a", str(tmp_path / "nowhere")],
                stdout=full,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                check=False,
            )
        assert done.returncode == 6
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr
