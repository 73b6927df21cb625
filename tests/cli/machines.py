"""Where people type commands about a control plane, and one that serves them."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.invocation import invoke
from cygni.control_plane import process
from cygni.control_plane.process import ControlPlane
from cygni.settings import Settings
from tests.cli.conftest import Ended

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Machine:
    """Where somebody types commands."""

    data_dir: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, stdin: str | bytes = "", **environ: str) -> Ended:
        """Without a terminal; `stdin` is what is piped in."""
        with self.monkeypatch.context() as patch:
            patch.setenv("CYGNI_DATA_DIR", str(self.data_dir))
            for name, value in environ.items():
                patch.setenv(name, value)
            piped = stdin if isinstance(stdin, bytes) else stdin.encode()
            patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped), encoding="utf-8"))
            self.capsys.readouterr()
            code = invoke(list(arguments))
        said = self.capsys.readouterr()
        return Ended(int(code), said.out, said.err)

    def does(self, *arguments: str, stdin: str = "") -> Any:
        """What the command answers with --json."""
        ended = self(*arguments, "--json", stdin=stdin)
        assert ended.code == 0, ended.err + ended.out
        return json.loads(ended.out)

    def signs_in(self, url: str, email: str, *more: str) -> None:
        who = () if "--invitation" in more else ("--email", email)
        ended = self("login", url, *who, "--password-stdin", *more, stdin=f"{PASSWORD}\n")
        assert ended.code == 0, ended.err

    @property
    def kept(self) -> Path:
        return self.data_dir / "sign-in.json"


@contextmanager
def serving(folder: Path, **environ: str) -> Iterator[tuple[ControlPlane, Path]]:
    """A control plane of its own, and the folder of its machine."""
    settings = Settings(data_dir=folder, cache_dir=folder / "cache")
    try:
        yield (
            process.start(
                settings, {**os.environ, "CYGNI_DATA_DIR": str(folder), **environ}, host=None, port=0
            ),
            folder,
        )
    finally:
        process.stop(settings)


def set_up(server: tuple[ControlPlane, Path], there: Machine) -> Machine:
    """Ada is signed in `there`; who comes first sets the server up, on its own machine, with the organization `acme`."""
    found, folder = server
    first = Machine(folder, there.monkeypatch, there.capsys)
    if not (folder / "sign-in.json").exists():
        first.signs_in(found.url, "ada@example.com", "--name", "Ada", "--org", "acme")
    there.signs_in(found.url, "ada@example.com")
    return there
