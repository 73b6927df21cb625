from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cygni.releases.release import Live, Release, ServiceRelease
from stacks import secret_changes as module
from stacks.release_store import StoredReleases
from stacks.secret_changes import secret_changes
from stacks.state_store import FolderStore


class TestSecretChanges:
    @pytest.fixture
    def store(self, tmp_path: Path) -> StoredReleases:
        store = StoredReleases(FolderStore(tmp_path), "releases/shop.staging")
        services = {
            "web": ServiceRelease("web:1", secrets={"URL": "v1", "KEY": "v1"}),
            "mail": ServiceRelease("mail:1", secrets={"KEY": "v1"}),
            "bare": ServiceRelease("bare:1"),
        }
        store.add_release(Release("shop", "staging", services, datetime.now(UTC), "ada"))
        return store

    def test_are_the_variables_with_another_version_by_service(
        self, store: StoredReleases, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []

        def versions(clients: Any, revisions: list[str], coming: Any) -> dict[str, dict[str, str]]:
            assert coming == {"shop/staging/URL": "v2"}
            asked.extend(revisions)
            return {"web:1": {"URL": "v2"}, "mail:1": {"KEY": "v1"}}

        monkeypatch.setattr(module, "secret_versions", versions)
        coming = {"shop/staging/URL": "v2"}
        found = secret_changes(store, Live(history=(1,)), object(), coming)  # type: ignore[arg-type]
        assert found == {"web": ("URL",)}
        assert sorted(asked) == ["mail:1", "web:1"]

    def test_are_none_where_nothing_was_released(self, store: StoredReleases) -> None:
        assert secret_changes(store, Live(), object(), {}) == {}  # type: ignore[arg-type]
