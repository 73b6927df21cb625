"""Which pull request a job runs for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import AuthError, NotFound, UsageError
from cygni.forges.detection import forge_of
from cygni.forges.pull_request import PullRequest
from tests.cygni.forges.conftest import KINDS
from tests.forge_server import TOKEN, Forge


def found(environ: dict[str, str]) -> PullRequest:
    return forge_of(environ).pull_request(environ)


def environ(kind: str, folder: Path, **more: str) -> dict[str, str]:
    return Forge(kind).environ(folder, **more)


class TestForge:
    def test_is_one_of_three(self) -> None:
        with pytest.raises(UsageError, match="this is none of them"):
            forge_of({"CI": "true"})

    @pytest.mark.parametrize("kind", KINDS)
    def test_knows_the_pull_request_the_commit_and_the_job(self, kind: str, tmp_path: Path) -> None:
        one = found(environ(kind, tmp_path))
        assert (one.number, one.token, one.commit[:7]) == (12, TOKEN, "c0ffee1")
        assert one.repository == ("34" if kind == "gitlab" else "acme/shop")


class TestToken:
    @pytest.mark.parametrize("kind", KINDS)
    def test_is_asked_for(self, kind: str, tmp_path: Path) -> None:
        without = {name: value for name, value in environ(kind, tmp_path).items() if "TOKEN" not in name}
        with pytest.raises(AuthError, match=f"{kind.upper()}_TOKEN is not set"):
            found(without)

    @pytest.mark.parametrize("kind", KINDS)
    def test_that_fits_no_header_is_not_shown(self, kind: str, tmp_path: Path) -> None:
        name = f"{kind.upper()}_TOKEN"
        with pytest.raises(AuthError) as caught:
            found(environ(kind, tmp_path, **{name: "made\nup"}))
        assert caught.value.message == f"{name} holds signs that no token has"


class TestGitHub:
    def github(self, folder: Path, event: Any, **more: str) -> PullRequest:
        variables = environ("github", folder, **more)
        Path(variables["GITHUB_EVENT_PATH"]).write_text(json.dumps(event))
        return found(variables)

    def test_comments_where_a_pull_request_was_commented(self, tmp_path: Path) -> None:
        assert self.github(tmp_path, {"issue": {"number": 5, "pull_request": {}}}).number == 5

    def test_goes_by_the_reference_where_the_event_says_nothing(self, tmp_path: Path) -> None:
        assert self.github(tmp_path, {}, GITHUB_REF="refs/pull/41/merge").number == 41

    @pytest.mark.parametrize("event", [{}, {"issue": {"number": 5}}, [], {"ref": "refs/heads/main"}])
    def test_has_none_for_a_push(self, tmp_path: Path, event: Any) -> None:
        with pytest.raises(NotFound, match="this job runs for no pull request"):
            self.github(tmp_path, event, GITHUB_REF="refs/heads/main")

    def test_says_what_it_cannot_read(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="GITHUB_EVENT_PATH"):
            found({**environ("github", tmp_path), "GITHUB_EVENT_PATH": str(tmp_path / "none")})


class TestGitLab:
    def test_has_the_target_of_a_fork(self, tmp_path: Path) -> None:
        one = found(environ("gitlab", tmp_path, CI_MERGE_REQUEST_PROJECT_ID="35"))
        assert one.repository == "35"

    def test_finds_the_merge_request_of_a_branch(self, tmp_path: Path) -> None:
        variables = environ("gitlab", tmp_path, CI_OPEN_MERGE_REQUESTS="acme/shop!41,acme/shop!42")
        del variables["CI_MERGE_REQUEST_IID"]
        one = found(variables)
        assert (one.repository, one.number) == ("acme/shop", 41)

    def test_has_none_for_a_branch_alone(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="no merge request"):
            found(environ("gitlab", tmp_path, CI_MERGE_REQUEST_IID=""))
