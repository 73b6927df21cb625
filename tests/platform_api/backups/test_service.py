"""Backing up a control plane whose PostgreSQL is elsewhere."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from cygni.errors import UsageError
from platform_api.backups import postgres_tools
from platform_api.backups.service import back_up
from platform_api.clock import SystemClock
from platform_api.settings import ServerSettings

KEY_TEXT = base64.b64encode(b"k" * 32).decode()


class TestBackUp:
    def test_of_a_url_without_a_database_is_refused(self, tmp_path: Path) -> None:
        settings = ServerSettings(tmp_path, database_url="postgresql://127.0.0.1", key=KEY_TEXT)
        with pytest.raises(UsageError, match="CYGNI_DATABASE_URL names no database"):
            back_up(settings, tmp_path / "backup.tar", SystemClock())

    def test_needs_no_folder_of_a_server_on_this_machine(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres_tools, "dump", lambda url, to: to.write_bytes(b"rows"))
        settings = ServerSettings(
            tmp_path / "none" / "server", database_url="postgresql://127.0.0.1/shop", key=KEY_TEXT
        )
        assert back_up(settings, tmp_path / "backup.tar", SystemClock()).database == "shop"
        assert (tmp_path / "backup.tar").exists()
