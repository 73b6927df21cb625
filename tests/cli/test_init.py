"""`cx init` from the outside."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from cli import terminal
from cygni.spec import load_spec
from tests.cli.conftest import Cx


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "new" / "My Shop"
    folder.mkdir(parents=True)
    (folder / "requirements.txt").write_text("fastapi\nuvicorn\n", encoding="utf-8")
    (folder / "main.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n", encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}


def test_leaves_settings_of_all_members_out_of_images(cx: Cx, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    for path, text in {
        "package.json": '{"workspaces": ["apps/*"]}',
        "apps/web/package.json": '{"name": "web", "scripts": {"start": "node a.js"}}',
        "apps/api/package.json": '{"name": "api", "scripts": {"start": "node a.js"}}',
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    assert cx("init", str(root)).code == 0
    lines = (root / ".dockerignore").read_text().splitlines()
    assert {"**/.git", "**/.env", "**/.env.*", "**/node_modules", "cygni.yaml"} <= set(lines)


class Answers(io.StringIO):
    """A person at a terminal who has typed ahead."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Answers:
    typed = Answers()
    monkeypatch.setattr(terminal, "interactive", lambda: True)
    monkeypatch.setattr(sys, "stdin", typed)
    return typed


def types(person: Answers, *lines: str) -> None:
    person.seek(0)
    person.truncate()
    person.write("".join(f"{line}\n" for line in lines))
    person.seek(0)


class TestInit:
    def test_writes_what_can_be_deployed(self, cx: Cx, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        ended = cx("init", str(shop))
        assert (ended.code, ended.out) == (0, "")
        spec = load_spec(shop / "cygni.yaml", "local")
        assert (spec.project, spec.region) == ("my-shop", "eu-central-1")
        web = spec.services["web"]
        assert web.kind == "web"
        assert web.port == 8000
        assert ".venv" in (shop / ".dockerignore").read_text(encoding="utf-8").splitlines()
        assert f"wrote {shop}/cygni.yaml" in ended.err
        assert "fastapi: main.py makes its application" in ended.err
        assert ended.err.strip().endswith("cx deploy")

    def test_is_one_object_for_programs(self, cx: Cx, shop: Path) -> None:
        (shop / ".dockerignore").write_text("mine\n", encoding="utf-8")
        answer = cx("init", str(shop), "--json", "--name", "wares").answer
        assert answer == {
            "folder": str(shop),
            "written": ["cygni.yaml"],
            "kept": [".dockerignore"],
            "services": [{"name": "web", "kind": "web", "port": 8000, "sure": True}],
            "notes": [],
        }
        assert (shop / ".dockerignore").read_text(encoding="utf-8") == "mine\n"
        assert load_spec(shop / "cygni.yaml", "local").project == "wares"

    @pytest.mark.parametrize("options", [(), ("--yes",), ("--json",)])
    def test_overwrites_nothing_without_a_word(self, cx: Cx, shop: Path, options: tuple[str, ...]) -> None:
        (shop / "cygni.yaml").write_text("mine\n", encoding="utf-8")
        before = contents(shop)
        ended = cx("init", str(shop), *options)
        assert ended.code == 2
        assert "is there already, and nothing was written" in (ended.err or ended.out)
        assert contents(shop) == before

    def test_overwrites_when_told_to(self, cx: Cx, shop: Path) -> None:
        (shop / "cygni.yaml").write_text("mine\n", encoding="utf-8")
        assert cx("init", str(shop), "--overwrite").code == 0
        assert "project: my-shop" in contents(shop)["cygni.yaml"]

    def test_writes_a_dockerfile_to_keep_where_it_is_asked_for(self, cx: Cx, shop: Path) -> None:
        answer = cx("init", str(shop), "--dockerfile", "--json")
        assert "Dockerfile" in answer.answer["written"]
        assert "USER 10001:10001" in (shop / "Dockerfile").read_text(encoding="utf-8")

    def test_keeps_a_dockerfile_that_is_there(self, cx: Cx, shop: Path) -> None:
        (shop / "Dockerfile").write_text('FROM scratch\nCMD ["/app"]\n', encoding="utf-8")
        assert cx("init", str(shop), "--dockerfile", "--yes").code == 0
        assert (shop / "Dockerfile").read_text(encoding="utf-8").startswith("FROM scratch")

    def test_explains(self, cx: Cx, shop: Path) -> None:
        ended = cx("init", str(shop), "--explain")
        assert "package manager    pip\n                     requirements.txt is there" in ended.err

    def test_of_nothing_known_says_what_to_do(self, cx: Cx, tmp_path: Path) -> None:
        folder = tmp_path / "new"
        folder.mkdir()
        ended = cx("init", str(folder))
        assert ended.code == 2
        assert "cx init --start" in ended.err
        assert "cx init --templates" in ended.err
        assert contents(folder) == {}

    def test_takes_a_start_command_and_a_port(self, cx: Cx, tmp_path: Path) -> None:
        folder = tmp_path / "new"
        folder.mkdir()
        assert cx("init", str(folder), "--start", "./serve --port $PORT", "--port", "7000").code == 0
        web = load_spec(folder / "cygni.yaml", "local").services["web"]
        assert web.kind == "web"
        assert web.port == 7000
        assert web.build is not None
        assert web.build.start == "sh -c 'exec ./serve --port $PORT'"

    def test_says_where_it_is_not_sure(self, cx: Cx, tmp_path: Path) -> None:
        folder = tmp_path / "new"
        folder.mkdir()
        (folder / "main.py").write_text("print('hello')\n", encoding="utf-8")
        ended = cx("init", str(folder))
        assert "nothing tells whether web answers requests" in ended.err
        assert "# Nothing tells whether it answers requests" in contents(folder)["cygni.yaml"]

    def test_refuses_a_name_that_cannot_be_and_writes_nothing(self, cx: Cx, shop: Path) -> None:
        before = contents(shop)
        ended = cx("init", str(shop), "--name", "Not_A_Name")
        assert ended.code == 2
        assert contents(shop) == before


class TestBadFolder:
    """Nothing is written, nothing is waited for, and what is in the way is named."""

    def test_with_a_manifest_of_100_megabytes(self, cx: Cx, tmp_path: Path) -> None:
        with (tmp_path / "package.json").open("wb") as file:
            file.write(b'{"dependencies": {"express": "4"}, "x": "')
            file.truncate(100 * 1024 * 1024)
        self._refused(cx, tmp_path, "package.json has 104,857,600 bytes")

    def test_with_a_manifest_that_is_no_text(self, cx: Cx, tmp_path: Path) -> None:
        (tmp_path / "package.json").write_bytes(b'{"name": "caf\xe9", "dependencies": {"express": "4"}}')
        self._refused(cx, tmp_path, "package.json is not UTF-8 text")

    def test_with_links_that_go_round(self, cx: Cx, tmp_path: Path) -> None:
        (tmp_path / "package.json").symlink_to("package.json")
        (tmp_path / "up").symlink_to("..")
        self._refused(cx, tmp_path, None)

    def test_whose_specification_is_a_link_that_goes_round(self, cx: Cx, shop: Path) -> None:
        (shop / "cygni.yaml").symlink_to("cygni.yaml")
        before = sorted(path.name for path in shop.iterdir())
        ended = cx("init", str(shop), "--yes")
        assert (ended.code, "is there already, and nothing was written" in ended.err) == (2, True)
        assert sorted(path.name for path in shop.iterdir()) == before

    def test_of_gigabytes_is_begun_all_the_same(self, cx: Cx, shop: Path) -> None:
        """They are a matter of the build, which refuses them; the file is a hole, which takes no room."""
        with (shop / "weights.bin").open("wb") as file:
            file.truncate(10 * 1024**3)
        assert cx("init", str(shop), "--yes").code == 0
        assert (shop / "cygni.yaml").is_file()

    def _refused(self, cx: Cx, folder: Path, note: str | None) -> None:
        before = sorted(path.name for path in folder.iterdir())
        ended = cx("init", str(folder), "--yes", "--json")
        error = ended.answer["error"]
        assert (ended.code, error["message"].startswith("nothing tells what starts")) == (2, True)
        assert note is None or any(one.startswith(note) for one in error["details"]["notes"])
        assert sorted(path.name for path in folder.iterdir()) == before


class TestAtATerminal:
    def test_asks_for_the_name(self, cx: Cx, shop: Path, person: Answers) -> None:
        types(person, "wares")
        ended = cx("init", str(shop))
        assert ended.code == 0
        assert "Name of the project? [my-shop]" in ended.err
        assert load_spec(shop / "cygni.yaml", "local").project == "wares"

    def test_asks_what_nothing_tells(self, cx: Cx, tmp_path: Path, person: Answers) -> None:
        folder = tmp_path / "new"
        folder.mkdir()
        (folder / "main.py").write_text("print('hello')\n", encoding="utf-8")
        types(person, "no", "")
        assert cx("init", str(folder)).code == 0
        assert load_spec(folder / "cygni.yaml", "local").services["web"].kind == "worker"

    def test_asks_before_it_overwrites(self, cx: Cx, shop: Path, person: Answers) -> None:
        (shop / "cygni.yaml").write_text("mine\n", encoding="utf-8")
        types(person, "no")
        assert cx("init", str(shop)).code == 8
        assert contents(shop)["cygni.yaml"] == "mine\n"
        types(person, "yes", "")
        assert cx("init", str(shop)).code == 0
        assert "project: my-shop" in contents(shop)["cygni.yaml"]

    def test_ends_without_a_file_when_nobody_answers(self, cx: Cx, shop: Path, person: Answers) -> None:
        ended = cx("init", str(shop))
        assert ended.code == 8
        assert "cygni.yaml" not in contents(shop)

    def test_asks_nothing_with_yes(self, cx: Cx, shop: Path, person: Answers) -> None:
        assert cx("init", str(shop), "--yes").code == 0


class TestTemplate:
    def test_is_written_with_its_specification(self, cx: Cx, tmp_path: Path) -> None:
        ended = cx("init", str(tmp_path / "new"), "--template", "go", "--json")
        assert ended.answer["written"] == ["go.mod", "main.go", "cygni.yaml", ".dockerignore"]
        assert load_spec(tmp_path / "new" / "cygni.yaml", "local").project == "new"

    def test_are_listed(self, cx: Cx) -> None:
        assert "fastapi" in cx("init", "--templates").err
        names = [one["name"] for one in cx("init", "--templates", "--json").answer["templates"]]
        assert {"flask", "nextjs", "rust", "spring-boot"} <= set(names)

    def test_is_not_begun_when_nobody_answers(self, cx: Cx, tmp_path: Path, person: Answers) -> None:
        assert cx("init", str(tmp_path / "new"), "--template", "go").code == 8
        assert not (tmp_path / "new").exists()
        types(person, "mine")
        assert cx("init", str(tmp_path / "new"), "--template", "go").code == 0
        assert load_spec(tmp_path / "new" / "cygni.yaml", "local").project == "mine"

    def test_that_there_is_not_writes_nothing(self, cx: Cx, tmp_path: Path) -> None:
        ended = cx("init", str(tmp_path / "new"), "--template", "falsk")
        assert ended.code == 2
        assert 'did you mean "flask"?' in ended.err
        assert not (tmp_path / "new").exists()


class TestPipeline:
    def test_is_written_at_the_top_of_the_repository(self, cx: Cx, shop: Path) -> None:
        (shop.parent / ".git").mkdir()
        ended = cx("init", str(shop), "--region", "eu-central-1", "--ci", "github")
        assert ended.code == 0
        assert "wrote " in ended.err
        text = (shop.parent / ".github" / "workflows" / "cygni.yml").read_text(encoding="utf-8")
        assert 'CX_APP: "My Shop"' in text
        assert "aws-region: eu-central-1" in text

    @pytest.mark.parametrize(
        ("forge", "file"), [("gitlab", ".gitlab-ci.yml"), ("bitbucket", "bitbucket-pipelines.yml")]
    )
    def test_is_added_to_a_project_that_is_there(self, cx: Cx, shop: Path, forge: str, file: str) -> None:
        cx("init", str(shop), "--region", "eu-west-1")
        before = contents(shop)
        ended = cx("init", str(shop), "--ci", forge, "--json")
        assert (ended.code, ended.answer["written"]) == (0, [file])
        assert "eu-west-1" in (shop / file).read_text(encoding="utf-8")
        assert {name: text for name, text in contents(shop).items() if name != file} == before

    def test_that_is_there_stays(self, cx: Cx, shop: Path) -> None:
        (shop / ".gitlab-ci.yml").write_text("mine: {}\n")
        for arguments in ([], ["--yes"], ["--json"], ["--overwrite"]):
            assert cx("init", str(shop), "--ci", "gitlab", *arguments).code == 0
            assert (shop / ".gitlab-ci.yml").read_text() == "mine: {}\n"
        assert "left " in cx("init", str(shop), "--ci", "gitlab").err

    def test_is_overwritten_only_by_a_person(self, cx: Cx, shop: Path, person: Answers) -> None:
        cx("init", str(shop), "--yes")
        (shop / ".gitlab-ci.yml").write_text("mine: {}\n")
        types(person, "no")
        cx("init", str(shop), "--ci", "gitlab")
        assert (shop / ".gitlab-ci.yml").read_text() == "mine: {}\n"
        types(person, "yes")
        assert ".gitlab-ci.yml is there already. Overwrite it?" in cx("init", str(shop), "--ci", "gitlab").err
        assert "cygni-deploy:" in (shop / ".gitlab-ci.yml").read_text()

    def test_of_a_project_with_mistakes_is_not_written(self, cx: Cx, shop: Path) -> None:
        (shop / "cygni.yaml").write_text("project: shop\nservces: {}\n")
        assert cx("init", str(shop), "--ci", "github").code == 2
        assert not (shop / ".github").exists()

    def test_is_of_a_forge_that_is_known(self, cx: Cx, shop: Path) -> None:
        assert cx("init", str(shop), "--ci", "sourcehut").code == 2
        assert contents(shop).keys() == {"requirements.txt", "main.py"}
