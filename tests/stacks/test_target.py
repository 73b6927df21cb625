from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from cygni.errors import StateError
from cygni.settings import Settings
from cygni.state_place import state_place
from stacks import target
from stacks.engine_places import Engine, Origin
from stacks.state import file_backend
from stacks.target import Environment, environment


@pytest.fixture(autouse=True)
def local_cloud_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(target, "_local_cloud", lambda settings: ("http://127.0.0.1:9", "life-1", 5))
    monkeypatch.setattr("stacks.aws_account.account_id", lambda region: "111122223333")
    monkeypatch.setattr(target, "_local_plugins", lambda settings: {"aws": tmp_path / "plugin"})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")


def made(settings: Settings, name: str, deadline: float = 3600.0) -> Environment:
    engine = Engine(Path("/made-up/pulumi"), "3.255.0", Origin.PATH, "for the test")
    return environment(
        settings,
        engine,
        "shop",
        name,
        "eu-west-1",
        plans=settings.data_dir / "plans",
        deadline=deadline,
    )


class TestLocalEnvironment:
    def test_is_served_by_the_local_cloud(self, settings: Settings, tmp_path: Path) -> None:
        local = made(settings, "local")
        assert (local.target, local.cloud, local.cloud_holds) == ("local", "life-1", 5)
        assert local.engine.environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
        assert local.engine.environment["AWS_REGION"] == "eu-west-1"
        assert local.engine.plugins == {"aws": tmp_path / "plugin"}

    def test_is_in_no_aws_account(self, settings: Settings) -> None:
        assert made(settings, "local").account == ""

    def test_has_credentials_of_its_own(self, settings: Settings) -> None:
        variables = made(settings, "local").engine.environment
        assert variables["AWS_ACCESS_KEY_ID"] == variables["AWS_SECRET_ACCESS_KEY"] == "local"

    def test_sees_none_of_the_callers_aws_settings(self, settings: Settings) -> None:
        engine = made(settings, "local").engine
        assert engine.sealed
        files = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
        assert {engine.environment[name] for name in files} == {os.devnull}


class TestAwsEnvironment:
    @pytest.mark.parametrize("name", ["staging", "production", "preview-x"])
    def test_is_served_by_aws_with_its_own_plugin(self, settings: Settings, name: str) -> None:
        found = made(settings, name)
        assert (found.target, found.cloud, found.cloud_holds) == ("aws", "aws:111122223333", None)
        assert found.account == "111122223333"
        assert found.engine.environment == {"AWS_REGION": "eu-west-1"}
        assert found.engine.plugins == {}
        assert not found.engine.sealed


class TestEnvironment:
    def test_keeps_records_by_project_and_environment(self, settings: Settings) -> None:
        assert made(settings, "staging").records.folder == settings.data_dir / "projects" / "shop" / "staging"

    def test_keeps_the_state_in_a_folder_that_is_there(self, settings: Settings) -> None:
        folder = file_backend(made(settings, "local").engine.backend_url)
        assert folder == target.state_folder(settings)
        assert folder.is_dir()

    def test_keeps_it_from_others(self, settings: Settings) -> None:
        settings.data_dir.mkdir(mode=0o755)
        made(settings, "local")
        assert settings.data_dir.stat().st_mode & 0o067 == 0  # root's PostgreSQL passes through

    def test_keeps_the_state_where_it_is_told_to(self, settings: Settings) -> None:
        there = replace(settings, state=state_place("postgres://me:canary@db/states"))
        engine = made(there, "staging").engine
        assert engine.backend_url == "postgres://me:canary@db/states"
        assert "canary" not in repr(engine)
        elsewhere = settings.data_dir / "other"
        made(replace(settings, state=state_place(elsewhere.as_uri())), "staging")
        assert elsewhere.is_dir()

    def test_takes_the_passphrase_that_is_named_and_makes_none(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        shared = tmp_path / "shared"
        named = replace(settings, passphrase_file=shared)
        with pytest.raises(StateError, match="shared"):
            made(named, "staging")
        shared.write_text("of the team")
        assert made(named, "staging").engine.passphrase_file == shared
        assert not (settings.data_dir / "passphrase").exists()

    def test_passes_the_deadline_on(self, settings: Settings) -> None:
        assert made(settings, "local", deadline=12.0).engine.deadline == 12.0

    def test_makes_a_passphrase_once_for_its_owner_alone(self, settings: Settings) -> None:
        file = made(settings, "local").engine.passphrase_file
        first = file.read_text()
        assert len(first) > 40
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert made(settings, "staging").engine.passphrase_file == file
        assert file.read_text() == first

    def test_refuses_an_empty_passphrase(self, settings: Settings) -> None:
        settings.data_dir.mkdir()
        (settings.data_dir / "passphrase").write_text("\n")
        with pytest.raises(StateError, match="passphrase of the state is empty") as caught:
            made(settings, "local")
        assert "Restore the file" in (caught.value.hint or "")

    def test_never_shows_a_passphrase_that_is_not_whole(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(size: int) -> str:
            assert not (settings.data_dir / "passphrase").exists(), "it was there before it was whole"
            raise KeyboardInterrupt

        monkeypatch.setattr("stacks.target.secrets.token_urlsafe", killed)
        with pytest.raises(KeyboardInterrupt):
            made(settings, "local")
        assert not list(settings.data_dir.glob("*passphrase*"))

    def test_takes_the_passphrase_of_a_command_that_was_quicker(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def other_was_quicker(size: int) -> str:
            (settings.data_dir / "passphrase").write_text("of the other")
            return "too late"

        monkeypatch.setattr("stacks.target.secrets.token_urlsafe", other_was_quicker)
        assert made(settings, "local").engine.passphrase_file.read_text() == "of the other"

    def test_says_why_it_cannot_be_made(self, settings: Settings) -> None:
        settings.data_dir.write_text("in the way")
        with pytest.raises(
            StateError, match="cannot read or write .*: (Not a directory|File exists)"
        ) as caught:
            made(settings, "local")
        assert "CYGNI_DATA_DIR" in (caught.value.hint or "")
