"""`cx destroy` from the outside."""

from __future__ import annotations

import pytest

from cygni.errors import AuthError
from stacks import aws_account
from stacks.tagged import Tagged
from tests.cli.conftest import Cx, valid


class TestDestroy:
    def test_shows_and_deletes_everything(self, cx: Cx) -> None:
        cx("deploy", "-y")
        ended = cx("destroy", "-y", "--allow-destroy", "uploads")
        assert (ended.code, ended.out) == (0, "")
        assert "8 changes: 8 to delete" in ended.err
        assert "Done: 8 resources deleted, nothing left in the state." in ended.err
        assert cx("status").code == 6

    def test_of_nothing_says_so(self, cx: Cx) -> None:
        ended = cx("destroy")
        assert (ended.code, ended.err) == (0, "Nothing to delete: shop (local) is not deployed.\n")

    @pytest.mark.parametrize("arguments", [[], ["--json"]])
    def test_forgets_what_a_local_cloud_lost(self, cx: Cx, arguments: list[str]) -> None:
        cx("deploy", "-y")
        cx.cloud, cx.holds = "life-2", 0
        ended = cx("destroy", "-y", "--allow-destroy", "uploads", *arguments)
        assert ended.code == 0
        if arguments:
            assert (ended.answer["deleted"], ended.answer["forgotten"]) == (0, 8)
            assert valid(ended.answer["plan"])["emptied"] is True
        else:
            assert "is empty: what the state lists is forgotten." in ended.err
            assert "Done: 8 resources forgotten, nothing left in the state." in ended.err

    def test_asks_nobody_for_credentials_where_nothing_is_deployed(self, cx: Cx) -> None:
        def refuse(region: str) -> str:
            raise AuthError("no credentials", hint="Give some.")

        cx.monkeypatch.setattr(aws_account, "account_id", refuse)
        ended = cx("destroy", "-e", "staging", "-y")
        assert ended.code == 6
        assert ended.err.startswith("error: nothing of shop is deployed to staging: ")
        assert "hint:  With credentials, what carries its tags" in ended.err

    def test_that_loses_its_credentials_on_the_way_says_so(self, cx: Cx) -> None:
        cx("deploy", "-y", "-e", "staging")
        cx.runner.failing["foundation destroy"] = AuthError("expired")
        ended = cx("destroy", "-e", "staging", "-y", "--allow-destroy", "uploads")
        assert (ended.code, ended.err.splitlines()[-2]) == (3, "error: expired")

    def test_needs_credentials_where_something_is_deployed(self, cx: Cx) -> None:
        cx("deploy", "-y", "-e", "staging")

        def refuse(region: str) -> str:
            raise AuthError("no credentials", hint="Give some.")

        cx.monkeypatch.setattr(aws_account, "account_id", refuse)
        ended = cx("destroy", "-e", "staging", "-y")
        assert (ended.code, ended.err) == (
            3,
            "error: no credentials\nhint:  Give some.\nmore:  cx explain auth_failed\n",
        )

    def test_asks(self, cx: Cx) -> None:
        cx("deploy", "-y")
        cx.answers("n\n")
        ended = cx("destroy", "--allow-destroy", "uploads")
        assert (ended.code, cx.changed_anything) == (8, False)
        assert "Delete all of shop (local)? [y/N] " in ended.err

    def test_needs_yes_without_a_terminal(self, cx: Cx) -> None:
        cx("deploy", "-y")
        ended = cx("destroy", "--json", "--allow-destroy", "uploads")
        assert (ended.code, cx.changed_anything) == (2, False)
        assert valid(ended.answer["error"]["details"]["plan"])["destroy"] is True


class TestWhatNoStateKnows:
    """What carries the tags of the environment, found and deleted in tests/e2e/test_sweeping.py."""

    def test_remains_are_told_with_their_cost(self, cx: Cx) -> None:
        cx("deploy", "-y")
        cx.tagged = [Tagged("rds snapshot", ("last-of-main",), {"cygni:project": "shop"})]
        ended = cx("destroy", "-y", "--allow-destroy", "uploads")
        assert ended.code == 0
        assert "Still in the cloud, for" in ended.err
        assert "  rds snapshot last-of-main" in ended.err

    def test_remains_are_told_programs(self, cx: Cx) -> None:
        cx("deploy", "-y")
        cx.tagged = [Tagged("rds snapshot", ("last-of-main",), {"cygni:project": "shop"})]
        remaining = cx("destroy", "-y", "--json", "--allow-destroy", "uploads").answer["remaining"]
        assert remaining == {
            "things": ["rds snapshot last-of-main"],
            "monthly": "0",
            "monthly_at_most": None,
            "unknown": 1,
            "currency": "USD",
        }

    def test_is_nothing_after_all_is_gone(self, cx: Cx) -> None:
        cx("deploy", "-y")
        assert "Still in the cloud" not in cx("destroy", "-y", "--allow-destroy", "uploads").err
