"""`cx feedback` from the outside."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cli.event_file import EventFile, new_folder
from cygni.settings import Settings
from stacks.target import environment_folder
from tests.cli.conftest import Cx

SECRET = "hunter2-of-acme"


def texts(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as opened:
        return {Path(name).name: opened.read(name).decode() for name in opened.namelist()}


@pytest.fixture
def secretive(cx: Cx, monkeypatch: pytest.MonkeyPatch) -> Cx:
    """A project with secrets wherever they may be."""
    cx.write(services={"web": {"image": "nginx:1", "port": 80, "env": {"KEY": SECRET, "PLAIN": "blue-moon"}}})
    monkeypatch.setenv("GITHUB_TOKEN", f"{SECRET}-token")
    with EventFile(
        new_folder(environment_folder(Settings.from_environment(), "shop", "local")), "cx deploy"
    ) as file:
        file.write("said", text=f"error: the database at postgres://me:{SECRET}@db refuses blue-moon")
        file.write("said", text=f'PLAIN: "" → "{SECRET}"')
    return cx


class TestFeedback:
    def test_writes_what_a_report_needs_and_no_secret(self, secretive: Cx) -> None:
        ended = secretive("feedback", "--output", "report.zip")
        assert (ended.code, ended.out) == (0, "")
        assert "Written: report.zip\nNothing was sent." in ended.err
        found = texts(Path("report.zip"))
        assert list(found) == [
            "README.txt",
            "versions.json",
            "settings.json",
            "doctor.json",
            "project.json",
            "events-1.ndjson",
        ]
        everything = "".join(found.values())
        assert [word for word in (SECRET, "blue-moon", "nginx") if word in everything] == []
        assert "error: the database at" in found["events-1.ndjson"]
        assert Path("report.zip").stat().st_mode & 0o777 == 0o600

    def test_has_cygni_yaml_only_if_asked_and_without_the_values_of_variables(self, secretive: Cx) -> None:
        assert secretive("feedback", "--with-config", "-o", "report.zip").code == 0
        found = texts(Path("report.zip"))
        assert "image: nginx:1" in found["cygni.yaml"]
        assert [word for word in (SECRET, "blue-moon") if word in "".join(found.values())] == []

    def test_tells_programs_what_it_holds(self, cx: Cx) -> None:
        answer = cx("feedback", "--json").answer
        assert answer["sent"] is False
        assert Path(answer["file"]).exists()
        assert {one["name"] for one in answer["holds"]} >= {"README.txt", "versions.json", "doctor.json"}

    def test_overwrites_nothing(self, cx: Cx) -> None:
        Path("report.zip").write_text("mine")
        ended = cx("feedback", "-o", "report.zip")
        assert (ended.code, Path("report.zip").read_text()) == (2, "mine")
        assert "error: cannot write report.zip: file exists" in ended.err

    @pytest.mark.parametrize("content", [None, "services: [", "project: shop\nservces: 7-of-acme\n", "7"])
    def test_needs_no_project_in_order(self, cx: Cx, content: str | None) -> None:
        if content is None:
            Path("cygni.yaml").unlink()
        else:
            Path("cygni.yaml").write_text(content)
        assert cx("feedback", "-o", "report.zip").code == 0
        assert "7-of-acme" not in "".join(texts(Path("report.zip")).values())
