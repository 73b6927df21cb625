from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.exit_codes import exit_code
from cli.release_session import left_half_done
from cygni.errors import Cancelled
from cygni.releases.release import Deployment, DeploymentState, Kind, Live
from stacks.planning import half_done
from stacks.release_store import StoredReleases
from stacks.state_store import FolderStore


@pytest.fixture
def store(tmp_path: Path) -> StoredReleases:
    return StoredReleases(FolderStore(tmp_path), "releases/shop.staging")


class TestLeftHalfDone:
    def test_says_what_becomes_of_the_release_and_how_to_go_on(self, store: StoredReleases) -> None:
        begun = Deployment(
            "shop", "staging", 7, Kind.DEPLOY, (), datetime.now(UTC), "ada", state=DeploymentState.FORWARD
        )
        kept = store.add_deployment(begun)
        store.update_live(lambda live: Live(unfinished=(kept.number,)))
        with pytest.raises(Cancelled) as caught, left_half_done(store, "staging"):
            raise KeyboardInterrupt
        assert caught.value.message == "interrupted: release 7 is half done, and nobody watches it any more"
        assert "cx rollback -e staging" in (caught.value.hint or "")
        assert exit_code(caught.value) == 130
        assert len(half_done(store.live())) == 1

    def test_says_nothing_where_nothing_is(self, store: StoredReleases) -> None:
        with pytest.raises(KeyboardInterrupt), left_half_done(store, "staging"):
            raise KeyboardInterrupt
        assert half_done(store.live()) == []
        assert half_done(None) == []
