"""`cx detect` from the outside."""

from __future__ import annotations

from pathlib import Path

from cli.quick_detect import quick_answer
from tests.cli.conftest import Cx


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_text(content, encoding="utf-8")
    return folder


FLASK = {"requirements__txt": "flask\ngunicorn\n", "app__py": "from flask import Flask\napp = Flask('x')\n"}


class TestDetect:
    def test_is_one_object_for_programs(self, cx: Cx, tmp_path: Path) -> None:
        ended = cx("detect", str(write(tmp_path / "shop", **FLASK)), "--json")
        assert ended.code == 0
        answer = ended.answer
        assert list(answer)[:10] == [
            "language",
            "language_version",
            "framework",
            "package_manager",
            "install_command",
            "build_command",
            "start_command",
            "port",
            "kind",
            "health_path",
        ]
        assert (answer["language"], answer["framework"], answer["kind"]) == ("python", "flask", "server")
        assert answer["members"] == []
        [reason] = [one for one in answer["reasons"] if one["about"] == "framework"]
        assert reason == {
            "about": "framework",
            "value": "flask",
            "because": "app.py makes its application, requirements.txt declares flask",
        }

    def test_tells_people_what_and_why_on_stderr(self, cx: Cx, tmp_path: Path) -> None:
        folder = write(tmp_path / "shop", **FLASK, Procfile="worker: celery work\nweb: gunicorn app:app\n")
        write(folder / "broken", package__json="{")
        ended = cx("detect", str(folder))
        assert (ended.code, ended.out) == (0, "")
        lines = [line.rstrip() for line in ended.err.splitlines()]
        assert "framework          flask" in lines
        assert "start command      gunicorn app:app" in lines
        assert lines[lines.index("start command      gunicorn app:app") + 1].strip() == "Procfile has web"
        assert "process worker     celery work" in lines

    def test_tells_of_each_member(self, cx: Cx, tmp_path: Path) -> None:
        write(tmp_path / "shop", package__json='{"workspaces": ["apps/*"]}')
        write(
            tmp_path / "shop" / "apps" / "web",
            package__json='{"name": "front", "dependencies": {"next": "15"}}',
        )
        ended = cx("detect", str(tmp_path / "shop"))
        assert "apps/web (front)" in ended.err
        assert "  framework          nextjs" in ended.err

    def test_obeys_nothing_that_a_manifest_has_put_in(self, cx: Cx, tmp_path: Path) -> None:
        folder = write(
            tmp_path / "shop", package__json='{"scripts": {"start": "node \\u001b[2J\\n\\u0007x.js"}}'
        )
        assert not {"\x1b", "\x07"} & set(cx("detect", str(folder)).err)
        assert not {"\x1b", "\x07"} & set(cx("init", str(folder), "--explain").err)

    def test_looks_here_where_nothing_is_named(self, cx: Cx) -> None:
        write(cx.folder, main__go="package main\nfunc main() {}\n")
        assert cx("detect", "--json").answer["language"] == "go"

    def test_of_nothing_known_says_so(self, cx: Cx, tmp_path: Path) -> None:
        folder = write(tmp_path / "empty", notes__txt="django\n")
        ended = cx("detect", str(folder))
        assert ended.code == 0
        assert ended.err.strip() == "nothing is known of what this folder holds"
        assert cx("detect", str(folder), "--json").answer["framework"] is None

    def test_is_answered_the_same_without_typer(self, cx: Cx, tmp_path: Path) -> None:
        folder = str(write(tmp_path / "shop", **FLASK))
        quick = quick_answer([folder, "--json"])
        assert quick is not None
        assert quick == quick_answer(["--json", folder]) == cx("detect", folder, "--json").out
        assert quick_answer([folder]) is None
        assert quick_answer(["--json", "--debug"]) is None
        assert quick_answer(["--json", folder, folder]) is None
        assert quick_answer(["--json", str(tmp_path / "nowhere")]) is None

    def test_of_no_folder_is_a_usage_error(self, cx: Cx, tmp_path: Path) -> None:
        ended = cx("detect", str(tmp_path / "nowhere"), "--json")
        assert ended.code == 2
        assert ended.answer["error"]["code"] == "usage"
