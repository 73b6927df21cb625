"""`cx diff` from the outside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cygni.errors import EngineError
from stacks.kept_secrets import FILE_VARIABLE
from tests.cli.conftest import Cx, held, policy, valid
from tests.factories import spec_text


class TestDiff:
    @pytest.mark.parametrize(("given", "deadline"), [([], 3600), (["--timeout", "90s"], 90)])
    def test_has_a_deadline(self, cx: Cx, given: list[str], deadline: float) -> None:
        assert cx("diff", *given).code == 0
        assert {operation.settings.deadline for operation in cx.runner.asked} == {deadline}

    def test_shows_the_plan_and_changes_nothing(self, cx: Cx) -> None:
        ended = cx("diff")
        assert (ended.code, ended.out, cx.changed_anything) == (0, "", False)
        assert "8 changes: 8 to create" in ended.err

    def test_is_also_called_plan(self, cx: Cx) -> None:
        assert cx("plan").err == cx("diff").err

    def test_tells_by_its_exit_code_whether_there_are_changes(self, cx: Cx) -> None:
        assert cx("diff", "--detailed-exit-code").code == 10
        cx("deploy", "-y")
        assert cx("diff", "--detailed-exit-code").code == 0

    def test_is_markdown_on_stdout_if_asked(self, cx: Cx) -> None:
        ended = cx("diff", "--markdown")
        assert ended.code == 0
        assert ended.out.startswith("### Cygni: shop · local · us-east-1 · local cloud\n")

    def test_shows_what_a_policy_advises(self, cx: Cx) -> None:
        cx.runner.saying["data preview"] = [policy("advisory")]
        ended = cx("diff")
        assert ended.code == 0
        assert "advisory policy no-plain-buckets: shop-local-uploads: must be encrypted" in ended.err
        assert "Advisory policy no-plain-buckets" in cx("diff", "--markdown").out
        [finding] = valid(cx("diff", "--json").answer)["stacks"][1]["findings"]
        assert (finding["level"], finding["resource"]) == ("advisory", "shop-local-uploads")

    @pytest.mark.parametrize("fails", [False, True], ids=["engine goes on", "engine fails"])
    def test_stops_a_deploy_at_a_mandatory_policy(self, cx: Cx, fails: bool) -> None:
        cx.runner.saying["data preview"] = [policy("mandatory")]
        if fails:
            cx.runner.failing["data preview"] = EngineError("preview failed")
        ended = cx("deploy", "--yes")
        assert ended.code == 5
        assert "mandatory policy no-plain-buckets: shop-local-uploads: must be encrypted" in ended.err
        assert not cx.changed_anything

    def test_names_the_aws_account(self, cx: Cx) -> None:
        assert "shop · staging · us-east-1 · account 123456789012" in cx("diff", "-e", "staging").err
        assert cx("diff", "-e", "staging", "--json").answer["account"] == "123456789012"
        assert cx("diff", "--json").answer["account"] is None
        cx.answers("n\n")
        asked = cx("deploy", "-e", "staging").err
        assert "Apply these changes to shop (staging, account 123456789012)? [y/N]" in asked

    def test_shows_what_was_changed_outside(self, cx: Cx) -> None:
        cx("deploy", "-y")
        cx.runner.world["shop-local-uploads"] = {"bucket": "shop-local-uploads", "versioning": False}
        ended = cx("diff", "--refresh")
        assert "changed outside of Cygni: s3.Bucket shop-local-uploads" in ended.err
        assert "versioning: false → true" in ended.err

    @pytest.mark.parametrize("given", [None, {}, {"TOKEN": {"version": "1" * 32, "value": "hunter2"}}])
    def test_is_refused_as_the_deploy_would_be_for_a_secret_that_nobody_has(
        self, cx: Cx, given: dict[str, Any] | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        services = {"web": {"image": "web:1", "port": 80, "secrets": {"API_TOKEN": "secrets://TOKEN"}}}
        (cx.folder / "cygni.yaml").write_text(spec_text(services=services))
        if given is not None:
            (cx.folder / "secrets.json").write_text(json.dumps(given))
            monkeypatch.setenv(FILE_VARIABLE, str(cx.folder / "secrets.json"))
        planned = cx("diff", "--json")
        if given:
            assert planned.code == 0, planned.err
            return
        assert planned.code == 2
        assert "there is no secret TOKEN" in planned.answer["error"]["message"]
        assert planned.answer["error"] == cx("deploy", "--yes", "--json").answer["error"]

    def test_waits_for_nobody(self, cx: Cx) -> None:
        with held():
            assert cx("diff").code == 0
