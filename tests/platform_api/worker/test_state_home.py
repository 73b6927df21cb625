"""An environment whose state is in files is worked on where they are."""

from __future__ import annotations

import shutil
import time
import uuid
from pathlib import Path

import pytest

from cygni.errors import StateError
from platform_api.worker.state_home import state_home
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.worker.scripted_runner import Script, working


class TestStateHome:
    def test_is_of_a_folder_and_goes_with_a_copy_of_it(self, tmp_path: Path) -> None:
        here, there = state_home(tmp_path / "here", {}), state_home(tmp_path / "there", {})
        shutil.copytree(tmp_path / "here", tmp_path / "copy")
        assert here == state_home(tmp_path / "here", {}) == state_home(tmp_path / "copy", {})
        assert None is not here != there

    def test_is_none_where_states_are_elsewhere(self, tmp_path: Path) -> None:
        assert state_home(tmp_path / "here", {"CYGNI_STATE": "s3://states?region=us-east-1"}) is None
        assert list(tmp_path.iterdir()) == []

    def test_that_cannot_be_told_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StateError, match="state-home"):
            state_home(tmp_path / "file", {})


def deployed(workshop: Workshop, environment: uuid.UUID, home: str | None) -> tuple[str, str, int]:
    """How a deployment ends that a worker of this home takes up, its error's code, and how often `cx` was called."""
    deployment, script = workshop.deployment(environment), Script()
    with working(workshop.worker_url, script, home):
        ends = time.monotonic() + 30
        while (row := workshop.row(deployment))["finished_at"] is None:
            assert time.monotonic() < ends, row
            time.sleep(0.05)
    return row["status"], (row["error"] or {}).get("code", ""), len(script.orders)


class TestAWorker:
    def test_whose_folder_has_no_state_of_what_another_deployed_is_refused(
        self, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        done = ("succeeded", "", 2)
        assert deployed(workshop, environment, "here") == done
        assert deployed(workshop, environment, "there") == ("failed", "preflight_failed", 0)
        assert deployed(workshop, environment, "here") == done
        assert deployed(workshop, environment, None) == done, "where every worker reaches the state"
