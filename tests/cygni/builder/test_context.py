from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cygni.builder.context import read_context
from cygni.errors import UsageError


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def files_of(folder: Path) -> list[str]:
    return [str(entry.path) for entry in read_context(folder).entries if entry.kind != "folder"]


TREE = {"app.py": "", "app.log": "", "lib/a.py": "", "lib/a.log": "", "lib/deep/b.py": "", "docs/x.md": ""}


class TestIgnoring:
    @pytest.mark.parametrize(
        ("patterns", "left"),
        [
            ("*.log", ["app.py", "docs/x.md", "lib/a.log", "lib/a.py", "lib/deep/b.py"]),  # at the root alone
            ("**/*.log", ["app.py", "docs/x.md", "lib/a.py", "lib/deep/b.py"]),
            ("lib\n/docs/", ["app.log", "app.py"]),
            ("lib\n!lib/deep", ["app.log", "app.py", "docs/x.md", "lib/deep/b.py"]),
            ("*\n!app.py", ["app.py"]),
            (
                "# *\n\n  docs  \n!docs/x.md\ndocs/x.md",
                ["app.log", "app.py", *sorted(n for n in TREE if "lib" in n)],
            ),
            ("a", sorted(TREE)),  # Git would leave out a folder of that name anywhere
        ],
    )
    def test_follows_docker(self, tmp_path: Path, patterns: str, left: list[str]) -> None:
        write(tmp_path, {**TREE, ".dockerignore": patterns})
        assert [name for name in files_of(tmp_path) if name != ".dockerignore"] == left

    def test_nothing_is_left_out_without_a_file(self, tmp_path: Path) -> None:
        assert files_of(write(tmp_path, TREE)) == sorted(TREE, key=lambda name: tuple(name.split("/")))

    def test_what_cannot_be_read_is_said(self, tmp_path: Path) -> None:
        (tmp_path / ".dockerignore").write_bytes(b"\xff\xfe")
        with pytest.raises(UsageError, match="not UTF-8"):
            read_context(tmp_path)


class TestDigest:
    def test_is_that_of_the_same_files_elsewhere_and_later(self, tmp_path: Path) -> None:
        one, two = (write(tmp_path / name, TREE) for name in ("one", "two"))
        os.utime(two / "app.py", (0, 0))
        assert read_context(one).digest() == read_context(two).digest()

    @pytest.mark.parametrize(
        "change",
        [
            lambda folder: (folder / "app.py").write_text("x"),
            lambda folder: (folder / "app.py").rename(folder / "main.py"),
            lambda folder: (folder / "app.py").chmod(0o755),
            lambda folder: (folder / "empty").mkdir(),
            lambda folder: (folder / "link").symlink_to("app.py"),
        ],
        ids=["content", "name", "executable", "folder", "link"],
    )
    def test_is_another_after_a_change(self, tmp_path: Path, change: object) -> None:
        write(tmp_path, TREE)
        (tmp_path / "app.py").chmod(0o644)
        before = read_context(tmp_path).digest()
        change(tmp_path)  # type: ignore[operator]
        assert read_context(tmp_path).digest() != before

    def test_looks_at_what_is_given_beside_the_files(self, tmp_path: Path) -> None:
        context = read_context(tmp_path)
        assert context.digest("ab", "c") != context.digest("a", "bc")

    def test_does_not_look_at_what_is_left_out(self, tmp_path: Path) -> None:
        write(tmp_path, {**TREE, ".dockerignore": "**/*.log"})
        before = read_context(tmp_path).digest()
        (tmp_path / "lib/a.log").write_text("more")
        assert read_context(tmp_path).digest() == before

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(contents=st.lists(st.text(max_size=5), min_size=2, max_size=2, unique=True))
    def test_tells_contents_apart(self, tmp_path: Path, contents: list[str]) -> None:
        digests = set()
        for content in contents:
            (tmp_path / "file").write_bytes(content.encode("utf-8", "surrogatepass"))
            digests.add(read_context(tmp_path).digest())
        assert len(digests) == len(contents)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        read_context(tmp_path / "none")
