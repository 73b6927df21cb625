"""What a job of GitHub Actions shows beside its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.github_actions import add_to_summary, annotation
from cygni.errors import EngineError
from tests.cli.conftest import NAT, Cx


@pytest.fixture
def summary(cx: Cx, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a step's summary; the project is a folder of the repository."""
    file = cx.folder.parent / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(cx.folder.parent))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    return file


def commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("::")]


class TestAnnotation:
    def test_is_one_line_whatever_is_in_it(self) -> None:
        told = annotation("error", "100 %\n::warning::no\r", title="a:b,c", file="x.yaml", line=3)
        assert told == "::error title=a%3Ab%2Cc,file=x.yaml,line=3::100 %25%0A::warning::no%0D"

    def test_leaves_out_what_is_not_known(self) -> None:
        assert annotation("warning", "x", title="t", file="", line=0) == "::warning title=t::x"


class TestErrors:
    def test_are_shown_at_their_lines(self, cx: Cx, summary: Path) -> None:
        (cx.folder / "cygni.yaml").write_text("project: shop\nregion: us-east-1\nservces: {}\nfoo: 1\n")
        ended = cx("diff", "--json")
        assert (ended.code, ended.answer["error"]["code"]) == (2, "spec_invalid")
        one, other = commands(ended.err)
        assert one.startswith("::error title=Cygni%3A spec_invalid,file=project/cygni.yaml,line=3,col=1::")
        assert "line=4" in other

    def test_have_no_line_where_they_are_about_none(self, cx: Cx, summary: Path) -> None:
        cx.runner.failing["data preview"] = EngineError("preview failed", hint="Look.")
        ended = cx("diff")
        assert commands(ended.err) == ["::error title=Cygni%3A engine_failed::preview failed%0ALook."]
        assert "error: preview failed\nhint:  Look.\n" in ended.err

    def test_have_no_file_where_it_is_not_of_the_repository(
        self, cx: Cx, summary: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
        (cx.folder / "cygni.yaml").write_text("project: shop\nservces: {}\n")
        [one] = commands(cx("diff").err)
        assert one.startswith("::error title=Cygni%3A spec_invalid::")

    def test_are_no_annotations_elsewhere(self, cx: Cx) -> None:
        assert commands(cx("diff", "--frobnicate").err) == []

    def test_are_none_where_a_person_said_no(self, cx: Cx, summary: Path) -> None:
        cx.answers("n\n")
        ended = cx("deploy")
        assert (ended.code, commands(ended.err)) == (8, [])


class TestSummary:
    def test_has_the_plan_of_a_diff_and_why_it_is_refused(self, cx: Cx, summary: Path) -> None:
        cx.write(**NAT)
        assert cx("diff", "--max-cost-increase", "1").code == 14
        assert summary.read_text().startswith("### Cygni: shop · local")
        assert "**A deploy would be refused:**" in summary.read_text()

    def test_has_the_plan_of_a_deploy_and_what_was_done(self, cx: Cx, summary: Path) -> None:
        assert cx("deploy", "--yes", "--json").code == 0
        assert summary.read_text().endswith("</details>\n\n**Done:** 8 changes applied.\n\n")

    def test_that_cannot_be_written_stops_nothing(
        self, cx: Cx, summary: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary / "no" / "such"))
        assert cx("diff").code == 0

    def test_grows_no_longer_than_is_shown(self, tmp_path: Path) -> None:
        environ = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
        for _ in range(30):
            add_to_summary("x" * 60_000, environ)
        assert (tmp_path / "summary.md").stat().st_size < 1024 * 1024
