from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import NotFound, SpecError
from cygni.spec import find_spec, load_spec, parse_spec

Refusal = Callable[..., SpecError]


class TestFindSpec:
    def test_finds_it_in_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "cygni.yaml").touch()
        assert find_spec(tmp_path) == tmp_path / "cygni.yaml"

    def test_finds_the_nearest_above(self, tmp_path: Path) -> None:
        folder = tmp_path / "a" / "b"
        folder.mkdir(parents=True)
        (tmp_path / "cygni.yaml").touch()
        assert find_spec(folder) == tmp_path / "cygni.yaml"
        (tmp_path / "a" / "cygni.yaml").touch()
        assert find_spec(folder) == tmp_path / "a" / "cygni.yaml"

    def test_does_not_leave_the_git_repository(self, tmp_path: Path) -> None:
        folder = tmp_path / "repository" / "a"
        folder.mkdir(parents=True)
        (tmp_path / "cygni.yaml").touch()
        (tmp_path / "repository" / ".git").mkdir()
        with pytest.raises(NotFound, match="no cygni.yaml in .*repository/a and the folders above it, up to"):
            find_spec(folder)

    def test_finds_it_beside_the_git_folder(self, tmp_path: Path) -> None:
        (tmp_path / ".git").touch()  # a worktree's is a file
        (tmp_path / "cygni.yaml").touch()
        (tmp_path / "a").mkdir()
        assert find_spec(tmp_path / "a" / ".." / "a") == tmp_path / "cygni.yaml"

    def test_takes_a_file_as_it_is(self, tmp_path: Path) -> None:
        (tmp_path / "other.yaml").touch()
        assert find_spec(tmp_path / "other.yaml") == tmp_path / "other.yaml"

    def test_takes_a_relative_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "cygni.yaml").touch()
        monkeypatch.chdir(tmp_path)
        assert find_spec(Path()) == tmp_path / "cygni.yaml"

    def test_says_how_to_start_when_there_is_none(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        with pytest.raises(NotFound) as caught:
            find_spec(tmp_path)
        assert "cx init" in (caught.value.hint or "")

    def test_says_to_rename_a_near_miss(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "cygni.yml").touch()
        with pytest.raises(NotFound) as caught:
            find_spec(tmp_path)
        assert caught.value.hint == f"rename {tmp_path}/cygni.yml to cygni.yaml"

    @pytest.mark.parametrize("name", ["missing", "a\0b", "a" * 5000])
    def test_says_that_a_folder_does_not_exist(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(NotFound):
            find_spec(tmp_path / name)

    def test_finds_no_file_at_the_end_of_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "x.yaml").symlink_to("nowhere")
        with pytest.raises(NotFound, match="x.yaml is a link to nowhere, which does not exist"):
            find_spec(tmp_path / "x.yaml")

    def test_survives_a_loop_of_links(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to(tmp_path / "b")
        (tmp_path / "b").symlink_to(tmp_path / "a")
        with pytest.raises(NotFound):
            find_spec(tmp_path / "a")


class TestLoadSpec:
    def write(self, path: Path, content: bytes | str) -> Path:
        file = path / "cygni.yaml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def refused(self, path: Path) -> SpecError:
        with pytest.raises(SpecError) as caught:
            load_spec(path, "local")
        return caught.value

    def test_reads_a_file(self, tmp_path: Path, valid: str) -> None:
        assert load_spec(self.write(tmp_path, valid), "local").project == "hello"

    def test_ignores_a_byte_order_mark(self, tmp_path: Path, valid: str) -> None:
        assert load_spec(self.write(tmp_path, b"\xef\xbb\xbf" + valid.encode()), "local").project == "hello"

    @pytest.mark.parametrize("content", [b"foo: 1\n", b"a: \xff"])
    def test_counts_columns_after_a_byte_order_mark(self, tmp_path: Path, content: bytes) -> None:
        plain = self.refused(self.write(tmp_path, content))
        marked = self.refused(self.write(tmp_path, b"\xef\xbb\xbf" + content))
        assert str(marked) == str(plain)

    def test_reads_windows_line_ends(self, tmp_path: Path, valid: str) -> None:
        assert load_spec(self.write(tmp_path, valid.replace("\n", "\r\n")), "local").project == "hello"

    def test_names_the_file_as_seen_from_the_working_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "app").mkdir()
        file = self.write(tmp_path / "app", "")
        assert str(self.refused(file)) == f"{file}:1:1: is empty"
        monkeypatch.chdir(tmp_path)
        assert str(self.refused(file)) == "app/cygni.yaml:1:1: is empty"

    def test_misses_a_file(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="no file .*cygni.yaml") as caught:
            load_spec(tmp_path / "cygni.yaml", "local")
        assert "cx init" in (caught.value.hint or "")

    def test_misses_what_a_link_points_to(self, tmp_path: Path) -> None:
        (tmp_path / "cygni.yaml").symlink_to("nowhere")
        with pytest.raises(
            NotFound, match=r"/cygni.yaml is a link to nowhere, which does not exist"
        ) as caught:
            load_spec(tmp_path / "cygni.yaml", "local")
        assert "make the link point to a file" in (caught.value.hint or "")

    def test_names_the_file_in_a_folder_by_its_whole_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "app").mkdir(parents=True)
        monkeypatch.chdir(tmp_path)
        assert self.refused(Path("app")).hint == "name the file: app/cygni.yaml"

    def test_has_another_word_for_a_folder_of_the_name_of_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "cygni.yaml").mkdir()
        assert str(self.refused(tmp_path / "cygni.yaml").hint).startswith("give the folder another name")

    def test_finds_no_project_in_a_pipe_or_a_device(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / "pipe", Path("/dev/zero")):
            with pytest.raises(SpecError, match="is not a regular file") as caught:
                find_spec(path)
            assert "pipes and devices are not read" in str(caught.value.hint)

    def test_refuses_a_folder(self, tmp_path: Path) -> None:
        error = self.refused(tmp_path)
        assert "is a folder" in str(error)
        assert error.details["problems"] == []

    def test_does_not_wait_for_a_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "cygni.yaml")
        assert "is not a regular file" in str(self.refused(tmp_path / "cygni.yaml"))

    def test_does_not_read_a_device(self) -> None:
        assert "is not a regular file" in str(self.refused(Path("/dev/zero")))

    @pytest.mark.parametrize(
        ("reason", "said"),
        [
            (PermissionError(13, "Permission denied"), "cannot be read: permission denied"),
            (OSError(5, "Input/output error"), "cannot be read: input/output error"),
        ],
    )
    def test_says_why_it_cannot_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, valid: str, reason: OSError, said: str
    ) -> None:
        file = self.write(tmp_path, valid)

        def fail(*_: Any) -> None:
            raise reason

        monkeypatch.setattr(Path, "open", fail)  # root may read whatever its permissions are
        assert said in str(self.refused(file))

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_refuses_a_file_without_permission(self, tmp_path: Path, valid: str) -> None:
        file = self.write(tmp_path, valid)
        file.chmod(0)
        assert "permission denied" in str(self.refused(file))

    def test_refuses_a_path_that_cannot_be(self, tmp_path: Path) -> None:
        assert "cannot be read" in str(self.refused(tmp_path / "a\0b"))
        assert "cannot be read" in str(self.refused(tmp_path / ("a" * 5000)))

    def test_refuses_more_than_a_mebibyte(self, tmp_path: Path, valid: str) -> None:
        room = 1024 * 1024 - len(valid) - 2
        assert load_spec(self.write(tmp_path, valid + "#" + "x" * room + "\n"), "local").project == "hello"
        error = self.refused(self.write(tmp_path, valid + "#" + "x" * room + "x\n"))
        assert "is larger than 1 MiB" in str(error)

    @pytest.mark.parametrize(
        ("content", "place", "byte"),
        [
            (b"project: h\xe9llo\n", "1:11", "0xE9"),
            (b"a: 1\n\xc3\xa9: \xff", "2:4", "0xFF"),
            ("project: hello".encode("utf-16"), "1:1", "0xFF"),
            (b"\x89PNG\r\n", "1:1", "0x89"),
            (b"a: \xed\xa0\x80", "1:4", "0xED"),
        ],
    )
    def test_says_where_it_is_not_utf_8(self, tmp_path: Path, content: bytes, place: str, byte: str) -> None:
        file = self.write(tmp_path, content)
        assert str(self.refused(file)) == f"{file}:{place}: is not UTF-8 text: the byte {byte} does not fit"

    def test_says_where_a_nul_byte_is(self, tmp_path: Path) -> None:
        error = self.refused(self.write(tmp_path, b"project: hello\nregion: \0\n"))
        assert (error.details["line"], error.details["column"]) == (2, 9)


class TestParseSpec:
    @pytest.mark.parametrize("name", ["prod", "", "preview-", "preview-A", "a\x1b[31m", "x" * 100_000])
    def test_knows_no_other_environment(self, valid: str, name: str) -> None:
        with pytest.raises(NotFound) as caught:
            parse_spec(valid + "environments: {staging: }\n", "cygni.yaml", name)
        assert str(caught.value).startswith("no environment ")
        assert (caught.value.hint or "").startswith('cygni.yaml defines "staging"; environments are local,')
        assert caught.value.details == {"environment": name, "defined": ["staging"]}
        assert str(caught.value).isprintable()

    def test_suggests_the_environment_that_was_meant(self, valid: str) -> None:
        with pytest.raises(NotFound, match='no environment "prod"; did you mean "production"?'):
            parse_spec(valid, "cygni.yaml", "prod")

    def test_writes_one_line_a_problem(self, refusal: Refusal) -> None:
        error = refusal("project: Hello\nregion: us-east-1\nfoo: 1\n")
        assert str(error).splitlines() == [
            'cygni.yaml:1:10: project: "Hello" is not allowed',
            "cygni.yaml:3:1: foo: unknown key",
        ]
        assert (error.hint or "").splitlines()[0].startswith("line 1: 2 to 24 lower-case")

    def test_gives_each_hint_the_place_it_is_about(self, refusal: Refusal) -> None:
        error = refusal("project: Hello\nregion: us-east-1\nbuckets: {A: {}, b: {versioning: 3}}\n")
        hints = (error.hint or "").splitlines()
        assert [hint.partition(": ")[0] for hint in hints if "lower-case" in hint] == ["line 1", "line 3:11"]

    def test_gives_the_one_hint_without_a_line(self, valid: str, refusal: Refusal) -> None:
        assert refusal(valid + "log_retention: 2\n").hint == (
            "CloudWatch allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, "
            "2192, 2557, 2922, 3288 or 3653"
        )

    def test_gives_a_program_every_fact(self, valid: str, refusal: Refusal) -> None:
        error = refusal(valid + "log_retention: x\nfoo: 1\n")
        first = {"line": 7, "column": 16, "path": "log_retention"}
        assert error.details["file"] == "cygni.yaml"
        assert {key: error.details[key] for key in first} == first
        assert [problem["path"] for problem in error.details["problems"]] == ["log_retention", "foo"]
        assert error.details["problems"][0] == first | {
            "message": 'should be a whole number, not "x"',
            "hint": None,
        }

    @pytest.mark.parametrize("key", ['"\\e[31mred"', '"a.b"', '"a b"', '"\\u202e"', "'" + "k" * 900 + "'"])
    def test_shows_a_strange_key_safely(self, valid: str, refusal: Refusal, key: str) -> None:
        error = refusal(valid + f"{key}: 1\n")
        assert str(error).isprintable()
        assert str(error).startswith('cygni.yaml:7:1: ["')
        assert len(str(error)) < 200

    @pytest.mark.parametrize("value", ['"\\e[31mred"', '"\\u202e"', '"a\\nb"', "'" + "v" * 9000 + "'"])
    def test_shows_a_strange_value_safely(self, refusal: Refusal, value: str) -> None:
        error = refusal(f"project: {value}\nregion: us-east-1\n")
        assert str(error).isprintable()
        assert len(str(error)) < 200
