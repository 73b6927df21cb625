from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import BuildFailed, UsageError
from cygni.local_cloud.images.store import ImageStore
from cygni.spec import ProjectSpec
from stacks.builds import LocalBuild, builds_of, make_images, with_tags
from tests.factories import create_spec


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project" / "web").mkdir(parents=True)
    (tmp_path / "project" / "web" / "app.py").write_text("print('hello')")
    return tmp_path / "project"


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "local-cloud")


def spec(environment: str = "local", **build: Any) -> ProjectSpec:
    given = {"context": "web", "start": "python3 app.py", **build}
    return create_spec(environment=environment, services={"web": {"port": 80, "build": given}})


def tag(found: ProjectSpec) -> str | None:
    build = found.services["web"].build
    assert build is not None
    return build.tag


class TestTags:
    def test_follow_from_the_content(self, folder: Path) -> None:
        before = tag(with_tags(spec(), folder))
        assert before is not None
        assert len(before) == 16
        assert tag(with_tags(spec(tag="v1"), folder)) == before
        assert tag(with_tags(spec(start="python3 -u app.py"), folder)) != before
        assert tag(with_tags(spec(steps=["true"]), folder)) != before
        (folder / "web" / "app.py").write_text("print('servus')")
        assert tag(with_tags(spec(), folder)) != before

    def test_that_are_written_stay_on_aws(self, folder: Path) -> None:
        assert tag(with_tags(spec("staging", tag="v1"), folder)) == "v1"
        built = with_tags(spec("staging"), folder)
        assert tag(built) == tag(with_tags(built, folder))  # what follows is no tag that is written
        assert tag(built) != tag(with_tags(spec(), folder))  # it is of the Dockerfile too

    def test_of_what_is_not_made_from_a_folder_stay(self, folder: Path) -> None:
        plain = create_spec(
            services={
                "web": {"port": 80, "build": {"tag": "v1"}},
                "api": {"image": "a", "port": 1, "path": "/a"},
            }
        )
        assert with_tags(plain, folder) == plain

    def test_need_the_folder(self, folder: Path) -> None:
        with pytest.raises(UsageError, match="is not a folder"):
            with_tags(spec(context="none"), folder)


class TestDetection:
    def found(self, folder: Path, **build: Any) -> LocalBuild:
        services = {"web": {"port": 80, "build": {"context": "web", **build}}}
        return builds_of(create_spec(environment="local", services=services), folder)["web"]

    def test_gives_what_is_not_written(self, folder: Path) -> None:
        (folder / "web" / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
        (folder / "web" / "requirements.txt").write_text("flask\ngunicorn\n")
        made = self.found(folder)
        assert made.steps[0] == "python3 -m venv .venv"
        assert "gunicorn" in " ".join(made.start)
        assert self.found(folder, steps=["make"]).steps == ("make",)
        assert self.found(folder, start="python3 app.py").steps == ()  # all of it is written then

    def test_that_finds_nothing_says_what_to_write(self, folder: Path) -> None:
        (folder / "web" / "app.py").write_text("")
        (folder / "web" / "app.py").rename(folder / "web" / "notes.txt")
        with pytest.raises(UsageError, match="nothing tells what starts web in") as refused:
            self.found(folder)
        assert "start: COMMAND" in (refused.value.hint or "")


class TestImages:
    def make(self, wanted: ProjectSpec, folder: Path, store: ImageStore) -> list[str]:
        told: list[str] = []
        make_images(with_tags(wanted, folder), folder, store, told.append)
        return told

    def test_have_the_name_that_the_task_definition_says(self, folder: Path, store: ImageStore) -> None:
        self.make(spec(), folder, store)
        [image] = store.list()
        wanted = with_tags(spec(), folder)
        repository = f"{wanted.project}/local/web"
        assert image.name == f"123456789012.dkr.ecr.{wanted.region}.amazonaws.com/{repository}:{tag(wanted)}"
        assert image.start == ("python3", "app.py")

    def test_are_made_within_what_times_them(self, folder: Path, store: ImageStore) -> None:
        made: list[str] = []

        @contextmanager
        def making(service: str) -> Iterator[None]:
            yield
            made.append(f"{service}: {len(store.list())}")

        for _ in range(2):
            make_images(with_tags(spec(), folder), folder, store, lambda step: None, making)
        assert made == ["web: 1"]

    def test_are_made_once(self, folder: Path, store: ImageStore) -> None:
        steps = ["printf x >> made", "cat app.py >> made"]
        assert self.make(spec(steps=steps), folder, store) == [f"web: {step}" for step in steps]
        assert self.make(spec(steps=steps), folder, store) == []
        assert (store.list()[0].folder / "made").read_text() == "xprint('hello')"
        assert not (folder / "web" / "made").exists()

    def test_are_not_made_on_aws(self, folder: Path, store: ImageStore) -> None:
        self.make(spec("staging"), folder, store)
        assert store.list() == []

    def test_whose_steps_fail_say_what_was_said(self, folder: Path, store: ImageStore) -> None:
        with pytest.raises(BuildFailed) as failed:
            self.make(spec(steps=["echo no compiler; exit 4"]), folder, store)
        assert "ended with 4\n  no compiler" in failed.value.message
        assert store.list() == []

    def test_see_no_credentials_while_they_are_made(
        self, folder: Path, store: ImageStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
        self.make(spec(steps=["env > seen"]), folder, store)
        assert "hunter2" not in (store.list()[0].folder / "seen").read_text()

    def test_are_those_that_were_planned(self, folder: Path, store: ImageStore) -> None:
        planned = with_tags(spec(), folder)
        (folder / "web" / "app.py").write_text("changed meanwhile")
        with pytest.raises(BuildFailed, match="changed after the plan"):
            make_images(planned, folder, store, lambda step: None)
