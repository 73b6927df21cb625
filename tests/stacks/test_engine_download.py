from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from cygni.errors import EngineError
from stacks import engine_download

INSTALLERS = """
import os, subprocess, sys, time
def installs(root, version):
    (root / "bin").mkdir()
    (root / "bin" / "pulumi").write_text(version)
def leaves_nothing(root, version): pass
def fails(root, version): raise RuntimeError("no release of that name")
def fails_in_a_program(root, version):
    subprocess.check_output([sys.executable, "-c", "print('cannot unpack'); raise SystemExit(4)"], stderr=subprocess.STDOUT)
def takes_its_time(root, version):
    time.sleep(4.5)
    installs(root, version)
def hangs(root, version):
    (root / "pid").write_text(str(os.getpid()))
    time.sleep(60)
"""


class Upstream(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(404 if self.path == "/gone" else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Upstream)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent_site() -> Iterator[str]:
    """A port where somebody takes the call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def download(root: Path, installer: str, site: str, **limits: float) -> tuple[Path, list[str]]:
    (root / "fake_installers.py").write_text(INSTALLERS)
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "NO_PROXY": "*"}
    said: list[str] = []

    def report(text: str, fraction: float | None = None) -> None:
        said.append(text)

    found = engine_download.download(
        root, environ, report, installer=f"fake_installers:{installer}", site=site, **limits
    )
    return found, said


class TestDownload:
    def test_gives_the_executable_that_the_installer_left(self, tmp_path: Path, site: str) -> None:
        found, said = download(tmp_path, "installs", site)
        assert found == tmp_path / "bin" / "pulumi"
        assert found.read_text() == "3.255.0"
        assert "asking upstream" in said

    @pytest.mark.parametrize(
        ("installer", "message"),
        [
            ("fails", "installer failed: no release of that name"),
            ("fails_in_a_program", "installer failed: cannot unpack"),
            ("leaves_nothing", "left no executable"),
            ("does_not_exist", "installer failed: .*does_not_exist"),
        ],
    )
    def test_says_what_the_installer_said(
        self, tmp_path: Path, site: str, installer: str, message: str
    ) -> None:
        with pytest.raises(EngineError, match=message):
            download(tmp_path, installer, site)

    def test_fails_at_once_where_nobody_answers(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(EngineError, match="upstream cannot be reached: .*refused"):
            download(tmp_path, "installs", closed)

    def test_fails_where_upstream_answers_with_an_error(self, tmp_path: Path, site: str) -> None:
        with pytest.raises(EngineError, match="upstream cannot be reached: .*404"):
            download(tmp_path, "installs", f"{site}/gone")

    def test_gives_up_on_a_site_that_takes_the_call_and_says_nothing(
        self, tmp_path: Path, silent_site: str
    ) -> None:
        with pytest.raises(EngineError, match="did not answer within 1 s"):
            download(tmp_path, "installs", silent_site, connect_seconds=1.0)

    def test_gives_an_installer_more_time_once_upstream_has_answered(self, tmp_path: Path, site: str) -> None:
        found, said = download(tmp_path, "takes_its_time", site, connect_seconds=4.0)
        assert found.exists()
        assert said[-1] == "downloading"

    def test_ends_an_installer_that_hangs(self, tmp_path: Path, site: str) -> None:
        with pytest.raises(EngineError, match="the download did not end within"):
            download(tmp_path, "hangs", site, download_seconds=4.0)
        pid = int((tmp_path / "pid").read_text())
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    def test_uses_the_installer_that_exists(self) -> None:
        module, _, function = engine_download.INSTALLER.partition(":")
        source = Path(__file__).parents[2] / f"{module.replace('.', '/')}.py"
        assert f"def {function}(root: Path, version: str)" in source.read_text()

    def test_ignores_packages_in_the_folder_one_stands_in(
        self, tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stranger = tmp_path / "project" / "stacks"
        stranger.mkdir(parents=True)
        (stranger / "__init__.py").write_text("raise SystemExit('a stranger was imported')")
        monkeypatch.chdir(stranger.parent)
        found, _ = download(tmp_path, "installs", site)
        assert found.exists()
