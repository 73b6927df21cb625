"""`cx diff --comment` from the outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cygni.errors import EngineError
from tests.cli.conftest import NAT, Cx, valid
from tests.forge_server import TOKEN, Forge, forge_server


@pytest.fixture(params=["github", "gitlab", "bitbucket"])
def forge(
    request: pytest.FixtureRequest, cx: Cx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Forge]:
    """A job of each forge's CI in turn, for a pull request."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with forge_server(request.param) as served:
        for name, value in served.environ(tmp_path).items():
            monkeypatch.setenv(name, value)
        yield served


def token_variable(forge: Forge) -> str:
    return f"{forge.kind.upper()}_TOKEN"


class TestComment:
    def test_has_the_plan_and_stays_one(self, cx: Cx, forge: Forge) -> None:
        first = cx("diff", "--comment")
        assert (first.code, first.out) == (0, "")
        assert "comment: created https://" in first.err
        cx.write(**NAT)
        assert "comment: updated https://" in cx("diff", "--comment").err
        [text] = forge.texts
        assert "### Cygni: shop · local · us-east-1 · local cloud" in text
        assert "ec2.NatGateway" in text
        assert "Commit `c0ffee1c0ffe`" in text

    def test_comes_besides_what_goes_to_stdout(self, cx: Cx, forge: Forge) -> None:
        valid(cx("diff", "--json", "--comment").answer)
        assert cx("diff", "--markdown", "--comment").out.startswith("### Cygni: shop")
        assert len(forge.texts) == 1

    def test_says_in_the_end_that_there_are_no_changes(self, cx: Cx, forge: Forge) -> None:
        cx("diff", "--comment")
        cx("deploy", "--yes")
        cx("diff", "--comment")
        [text] = forge.texts
        assert "**No changes.**" in text

    def test_is_not_begun_where_nothing_changes(self, cx: Cx, forge: Forge) -> None:
        cx("deploy", "--yes")
        assert "comment: none, the plan is not worth one" in cx("diff", "--comment").err
        assert forge.texts == []

    def test_is_not_begun_where_the_cost_changes_little(self, cx: Cx, forge: Forge) -> None:
        cx("deploy", "--yes")
        cx.write(**NAT)
        assert cx("diff", "--comment", "--comment-above", "100").code == 0
        assert forge.texts == []
        cx("diff", "--comment", "--comment-above", "30")
        assert len(forge.texts) == 1
        cx.write()
        cx("diff", "--comment", "--comment-above", "30")
        assert "**No changes.**" in forge.texts[0]

    def test_goes_by_cygni_yaml_where_the_option_is_not_given(self, cx: Cx, forge: Forge) -> None:
        cx("deploy", "--yes")
        cx.write(**NAT, cost={"comment_above": 100})
        cx("diff", "--comment")
        assert forge.texts == []

    def test_tells_what_the_cost_guard_says(self, cx: Cx, forge: Forge) -> None:
        cx("deploy", "--yes")
        cx.write(**NAT)
        ended = cx("diff", "--comment", "--comment-above", "100", "--max-cost-increase", "1", "--json")
        assert (ended.code, ended.answer["error"]["code"]) == (14, "cost_guard")
        [text] = forge.texts
        assert "**A deploy would be refused:** this would cost $32.85 a month more" in text

    def test_is_not_left_as_it_was_where_there_is_no_plan(self, cx: Cx, forge: Forge) -> None:
        cx.runner.failing["data preview"] = EngineError("preview failed", hint="Look at <b>it</b>.")
        assert cx("diff", "--comment").code == 1
        assert forge.texts == []
        cx.runner.failing.clear()
        cx("diff", "--comment")
        cx.runner.failing["data preview"] = EngineError("preview failed")
        assert cx("diff", "--comment").code == 1
        [text] = forge.texts
        assert "**There is no plan:** preview failed" in text

    def test_has_no_token(self, cx: Cx, forge: Forge) -> None:
        ended = cx("diff", "--comment", "--debug")
        assert TOKEN not in ended.err + ended.out + "".join(forge.texts)


class TestFailure:
    def test_to_comment_is_a_warning(self, cx: Cx, forge: Forge) -> None:
        forge.may_write = False
        ended = cx("diff", "--comment")
        assert ended.code == 0
        assert "warning: no comment: " in ended.err
        assert "8 changes" in ended.err

    def test_to_comment_is_an_error_where_it_is_required(self, cx: Cx, forge: Forge) -> None:
        forge.may_write = False
        ended = cx("diff", "--require-comment", "--json")
        assert (ended.code, ended.answer["error"]["code"]) == (3, "auth_failed")

    def test_to_comment_does_not_hide_that_the_plan_is_refused(self, cx: Cx, forge: Forge) -> None:
        forge.may_write = False
        cx.write(**NAT)
        assert cx("diff", "--require-comment", "--max-cost-increase", "1").code == 14

    def test_to_find_a_token_comes_before_the_plan_where_it_is_required(
        self, cx: Cx, forge: Forge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(token_variable(forge))
        ended = cx("diff", "--require-comment")
        assert (ended.code, cx.runner.asked) == (3, [])
        assert f"error: {token_variable(forge)} is not set" in ended.err
        ended = cx("diff", "--comment")
        assert (ended.code, "warning: no comment: " in ended.err) == (0, True)


class TestElsewhere:
    def test_nobody_comments(self, cx: Cx) -> None:
        ended = cx("diff", "--comment")
        assert (ended.code, cx.runner.asked) == (2, [])
        assert "this is none of them" in ended.err

    def test_no_pull_request_is_no_error_unless_one_is_required(
        self, cx: Cx, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": TOKEN, "GITHUB_REF": "x"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
        ended = cx("diff", "--comment")
        assert (ended.code, "warning: no comment: this job runs for no pull request" in ended.err) == (
            0,
            True,
        )
        assert cx("diff", "--require-comment").code == 6
