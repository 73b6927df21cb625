"""Folders that nobody writes on purpose, or somebody does: no error, no wait, nothing run, and a note of why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from cygni.builder.detect import detect
from cygni.builder.detect.tree import LARGEST, MOST_ENTRIES
from cygni.errors import UsageError

MANIFESTS = {
    "package.json": "node",
    "pyproject.toml": "python",
    "Pipfile": "python",
    "composer.json": "php",
    "Cargo.toml": "rust",
    "go.mod": "go",
    "Gemfile": "ruby",
    "pom.xml": "java",
    "build.gradle": "java",
    "App.csproj": "csharp",
    "App.fsproj": "fsharp",
    "mix.exs": "elixir",
    "gleam.toml": "gleam",
    "deno.json": "deno",
    "build.sbt": "scala",
    "deps.edn": "clojure",
    "Package.swift": "swift",
    "pubspec.yaml": "dart",
    "package.yaml": "haskell",
    "shard.yml": "crystal",
    "build.zig": "zig",
    "CMakeLists.txt": "cpp",
}
BROKEN = {
    "empty": b"",
    "torn": b'{"name": "x", "dependencies": {"express"',
    "no text": bytes(range(256)) * 8,
    "not UTF-8": '{"name": "café", "dependencies": {"express": "4"}}'.encode("latin-1"),
    "nested deep": b"[" * 200_000,
    "braces": b"{" * 50_000 + b"}" * 50_000,
    "a list": b'["express", "django", "rails"]',
    "numbers": b"42",
    "nulls": b'{"name": null, "dependencies": null, "scripts": 7, "workspaces": {"packages": [1, {}]}, "engines": []}',
    "zeros": b"\0" * 4096,
    "markup": b"<project><a><b></a></project>",
}


def told(folder: Path) -> dict[str, Any]:
    return dict(detect(folder).to_dict())


class TestBrokenManifest:
    @pytest.mark.parametrize("how", list(BROKEN))
    @pytest.mark.parametrize("file", list(MANIFESTS))
    def test_names_its_language_and_no_framework(self, tmp_path: Path, file: str, how: str) -> None:
        (tmp_path / file).write_bytes(BROKEN[how])
        found = told(tmp_path)
        assert found["framework"] is None
        assert found["language"] in (MANIFESTS[file], None)

    def test_is_noted(self, tmp_path: Path) -> None:
        (tmp_path / "package.json").write_bytes(BROKEN["torn"])
        found = told(tmp_path)
        assert (found["language"], found["start_command"]) == ("node", None)
        [note] = found["notes"]
        assert note.startswith("package.json is not valid JSON")

    def test_that_is_no_utf8_is_noted(self, tmp_path: Path) -> None:
        (tmp_path / "package.json").write_bytes(BROKEN["not UTF-8"])
        assert "package.json is not UTF-8 text" in told(tmp_path)["notes"]

    def test_of_100_megabytes_is_not_read(self, tmp_path: Path) -> None:
        with (tmp_path / "package.json").open("wb") as file:
            file.write(b'{"dependencies": {"express": "4"}, "x": "')
            file.truncate(100 * 1024 * 1024)
        found = told(tmp_path)
        assert (found["language"], found["framework"]) == ("node", None)
        assert found["notes"] == [f"package.json has 104,857,600 bytes; not read above {LARGEST:,}"]

    def test_with_aliases_that_multiply_is_not_followed(self, tmp_path: Path) -> None:
        lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
        lines += [
            f"{one}: &{one} [*{before}, *{before}, *{before}]"
            for before, one in zip("abcdefgh", "bcdefghi", strict=True)
        ]
        (tmp_path / "pubspec.yaml").write_text("\n".join(lines), encoding="utf-8")
        found = told(tmp_path)
        assert found["language"] == "dart"
        assert "aliases" in found["notes"][0]

    def test_with_entities_of_its_own_is_not_expanded(self, tmp_path: Path) -> None:
        doctype = '<!DOCTYPE project [<!ENTITY group "org.springframework.boot">]>'
        dependency = "<groupId>&group;</groupId><artifactId>spring-boot-starter-web</artifactId>"
        text = (
            f"{doctype}<project><dependencies><dependency>{dependency}</dependency></dependencies></project>"
        )
        (tmp_path / "pom.xml").write_text(text, encoding="utf-8")
        found = told(tmp_path)
        assert found["framework"] is None
        assert found["notes"] == ["pom.xml has a DOCTYPE, which is not read"]

    def test_leaves_what_stands_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[project\n", encoding="utf-8")
        (tmp_path / "requirements.txt").write_text("flask\ngunicorn\n", encoding="utf-8")
        (tmp_path / "app.py").write_text("from flask import Flask\napp = Flask('x')\n", encoding="utf-8")
        (tmp_path / "main.py").write_text("def broken(:\n", encoding="utf-8")
        assert told(tmp_path)["start_command"] == "gunicorn app:app --bind 0.0.0.0:${PORT:-5000}"


class TestLinks:
    def test_that_go_round_end(self, tmp_path: Path) -> None:
        project = tmp_path / "project"
        (project / "apps" / "a").mkdir(parents=True)
        (project / "apps" / "a" / "again").symlink_to("..")
        (project / "loop").symlink_to("loop")
        (project / "up").symlink_to(project)
        (project / "package.json").write_text(
            '{"workspaces": ["**", "loop/*", "up/apps/*"]}', encoding="utf-8"
        )
        (project / "apps" / "a" / "package.json").write_text('{"name": "a"}', encoding="utf-8")
        found = told(project)
        assert found["members"][0]["path"] == "apps/a"
        assert found["members"][0]["name"] == "a"

    def test_that_lead_out_are_not_read(self, tmp_path: Path) -> None:
        project = tmp_path / "project"
        project.mkdir()
        (tmp_path / "secret.json").write_text('{"dependencies": {"express": "4"}}', encoding="utf-8")
        (project / "package.json").symlink_to(tmp_path / "secret.json")
        (project / "packages").symlink_to(tmp_path)
        found = told(project)
        assert (found["language"], found["framework"], found["members"]) == (None, None, [])

    def test_that_stay_inside_are_read(self, tmp_path: Path) -> None:
        (tmp_path / "meta").mkdir()
        (tmp_path / "meta" / "package.json").write_text(
            '{"dependencies": {"express": "4"}}', encoding="utf-8"
        )
        (tmp_path / "package.json").symlink_to("meta/package.json")
        assert told(tmp_path)["framework"] == "express"

    def test_to_the_folder_itself_may_be_given(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "real" / "go.mod").write_text("module x\ngo 1.22\n", encoding="utf-8")
        (tmp_path / "link").symlink_to("real")
        assert told(tmp_path / "link")["language"] == "go"


class TestFolder:
    def test_with_more_entries_than_are_listed_has_its_manifest(self, tmp_path: Path) -> None:
        for number in range(MOST_ENTRIES + 200):
            (tmp_path / f"{number:06}.dat").touch()
        (tmp_path / "package.json").write_text('{"dependencies": {"koa": "2"}}', encoding="utf-8")
        found = told(tmp_path)
        assert found["framework"] == "koa"
        assert found["notes"] == [f"the folder has more than {MOST_ENTRIES:,} entries"]

    def test_with_a_pipe_for_a_manifest_does_not_wait(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "package.json")
        os.mkfifo(tmp_path / "Procfile")
        (tmp_path / "Dockerfile").mkdir()
        assert told(tmp_path)["framework"] is None

    def test_that_is_none_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="is not a folder"):
            detect(tmp_path / "nowhere")

    def test_is_not_executed(self, tmp_path: Path) -> None:
        trap = f"open({str(tmp_path / 'ran')!r}, 'w')"
        for file in ("setup.py", "manage.py", "main.py", "conftest.py", "noxfile.py"):
            (tmp_path / file).write_text(trap, encoding="utf-8")
        (tmp_path / "Gemfile").write_text(f"File.write({str(tmp_path / 'ran')!r}, 'x')\n", encoding="utf-8")
        told(tmp_path)
        assert not (tmp_path / "ran").exists()

    def test_is_told_the_same_whatever_was_written_first(self, tmp_path: Path) -> None:
        files = {
            "package.json": '{"workspaces": ["p/*"], "dependencies": {"express": "4", "koa": "2", "hono": "4"}}',
            "requirements.txt": "flask\nfastapi\n",
            "p/z/package.json": '{"name": "z"}',
            "p/a/package.json": '{"name": "a"}',
            "index.js": "require('koa')",
            "server.js": "require('express')",
        }
        answers = []
        for number, order in enumerate((list(files), list(reversed(files)))):
            folder = tmp_path / str(number) / "project"
            for name in order:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(files[name], encoding="utf-8")
            answers.append(told(folder))
        assert answers[0] == answers[1]
        assert [member["path"] for member in answers[0]["members"]] == ["p/a", "p/z"]
