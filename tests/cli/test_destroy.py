"""`cx destroy` from the outside."""

from __future__ import annotations

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
        assert remaining == {"things": ["rds snapshot last-of-main"], "monthly": "0", "unknown": 1}

    def test_is_nothing_after_all_is_gone(self, cx: Cx) -> None:
        cx("deploy", "-y")
        assert "Still in the cloud" not in cx("destroy", "-y", "--allow-destroy", "uploads").err
