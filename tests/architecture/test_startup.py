"""What a command may load before it does anything: `cx --help` answers in the time Python takes to start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import COMMANDS

HEAVY = ["boto3", "botocore", "fastapi", "grpc", "moto", "pulumi", "pulumi_aws", "pydantic", "rich", "yaml"]

PROGRAM = """
import json, sys
sys.argv = ["cx", *sys.argv[1:]]
from cli.main import main
try:
    main()
except SystemExit as end:
    if end.code:
        raise
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def loaded_by(*arguments: str) -> set[str]:
    """The top-level modules that `cx ARGUMENTS` has loaded when it ends."""
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(finished.stderr.splitlines()[-1]))


class TestHelp:
    def test_loads_neither_typer_nor_anything_heavy(self) -> None:
        assert loaded_by("--help") & {*HEAVY, "typer", "click", "asyncio"} == set()

    def test_is_seen_to_load_what_it_loads(self) -> None:
        assert {"cli", "cygni"} <= loaded_by("--help")

    def test_has_no_part_in_the_quickest_answers(self, tmp_path: Path) -> None:
        (tmp_path / "package.json").write_text('{"dependencies": {"express": "4"}}', encoding="utf-8")
        loaded = loaded_by("detect", str(tmp_path), "--json")
        assert loaded & {*HEAVY, "typer", "click", "asyncio"} == set()
        assert "cygni" in loaded

    @pytest.mark.parametrize("command", list(COMMANDS))
    def test_of_a_command_loads_no_cloud_and_no_engine(self, command: str) -> None:
        heavy = set(HEAVY) - {"pydantic", "rich"}  # Typer itself loads these
        assert loaded_by(command, "--help") & heavy == set()
