from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cygni.errors import UsageError
from cygni.settings import Settings


class TestFromEnvironment:
    def test_takes_the_folders_that_are_named(self, tmp_path: Path) -> None:
        named = {"CYGNI_DATA_DIR": str(tmp_path / "data"), "CYGNI_CACHE_DIR": str(tmp_path / "cache")}
        assert Settings.from_environment(named) == Settings(tmp_path / "data", tmp_path / "cache")

    @pytest.mark.parametrize("environ", [{}, {"CYGNI_DATA_DIR": "", "CYGNI_CACHE_DIR": ""}])
    def test_takes_the_platforms_own_where_none_is_named(self, environ: dict[str, str]) -> None:
        settings = Settings.from_environment(environ)
        assert settings.data_dir.name == settings.cache_dir.name == "cygni"
        assert settings.data_dir != settings.cache_dir

    def test_makes_a_relative_folder_absolute(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert Settings.from_environment({"CYGNI_CACHE_DIR": "here"}).cache_dir == tmp_path / "here"

    def test_knows_the_home_sign(self) -> None:
        assert Settings.from_environment({"CYGNI_CACHE_DIR": "~/c"}).cache_dir == Path.home() / "c"

    def test_refuses_the_home_of_nobody(self) -> None:
        with pytest.raises(UsageError, match="CYGNI_CACHE_DIR"):
            Settings.from_environment({"CYGNI_CACHE_DIR": "~nobody-of-that-name/c"})

    def test_reads_the_process_environment_only_when_asked(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("CYGNI_CACHE_DIR", str(tmp_path))
        assert Settings.from_environment().cache_dir == tmp_path

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "80.5", "٣", "9" * 5000])
    def test_refuses_what_is_no_port(self, port: str) -> None:
        with pytest.raises(UsageError, match="CYGNI_LOCAL_PORT"):
            Settings.from_environment({"CYGNI_LOCAL_PORT": port})

    def test_releases_services_unless_switched_off(self) -> None:
        assert Settings.from_environment({}).releases
        assert Settings.from_environment({"CYGNI_RELEASES": "on"}).releases
        assert not Settings.from_environment({"CYGNI_RELEASES": "off"}).releases
        with pytest.raises(UsageError, match="CYGNI_RELEASES is 'no'"):
            Settings.from_environment({"CYGNI_RELEASES": "no"})

    def test_reads_the_price_list_where_it_is_told_to(self) -> None:
        assert Settings.from_environment({}).price_list == "https://pricing.us-east-1.amazonaws.com"
        named = Settings.from_environment({"CYGNI_PRICE_LIST": "http://mirror.internal/aws/"})
        assert named.price_list == "http://mirror.internal/aws"

    def test_refuses_a_price_list_that_is_no_address(self) -> None:
        with pytest.raises(UsageError, match="CYGNI_PRICE_LIST is 'file:///etc', which is no address"):
            Settings.from_environment({"CYGNI_PRICE_LIST": "file:///etc"})

    def test_refuses_a_price_list_with_a_password_and_does_not_show_it(self) -> None:
        with pytest.raises(UsageError, match="CYGNI_PRICE_LIST has a user or a password in it") as refused:
            Settings.from_environment({"CYGNI_PRICE_LIST": "https://user:hunter2@mirror.internal/aws"})
        assert "hunter2" not in refused.value.message

    def test_leaves_the_port_open_or_takes_the_one_that_is_named(self) -> None:
        assert Settings.from_environment({}).local_port is None
        assert Settings.from_environment({"CYGNI_LOCAL_PORT": "4566"}).local_port == 4566

    def test_keeps_the_state_where_it_is_told_to(self, tmp_path: Path) -> None:
        settings = Settings.from_environment(
            {"CYGNI_STATE": "s3://bucket?region=eu-west-1", "CYGNI_PASSPHRASE_FILE": str(tmp_path / "p")}
        )
        assert settings.state is not None
        assert settings.state.url == "s3://bucket?region=eu-west-1"
        assert settings.passphrase_file == tmp_path / "p"

    def test_keeps_it_on_this_machine_unless_told_otherwise(self) -> None:
        settings = Settings.from_environment({"CYGNI_STATE": ""})
        assert (settings.state, settings.passphrase_file) == (None, None)


class TestMakeDataDir:
    def _settings(self, folder: Path) -> Settings:
        return Settings(data_dir=folder, cache_dir=folder / "cache")

    def test_makes_it_for_its_owner_alone(self, tmp_path: Path) -> None:
        folder = tmp_path / "a" / "data"
        assert self._settings(folder).make_data_dir() == folder
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_closes_one_that_others_could_read(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        self._settings(tmp_path).make_data_dir()
        # What root starts as somebody else, its PostgreSQL, passes through.
        assert stat.S_IMODE(tmp_path.stat().st_mode) == (0o710 if os.geteuid() == 0 else 0o700)

    def test_leaves_a_place_open_that_is_meant_for_everybody(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o1777)
        self._settings(tmp_path).make_data_dir()
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777

    def test_leaves_somebody_elses_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tmp_path.chmod(0o755)
        monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
        self._settings(tmp_path).make_data_dir()
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
