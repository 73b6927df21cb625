"""`cx policy`, and what Cygni's own policies do to a deploy."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.policies.catalogue import RULES
from tests.cli.conftest import Cx, valid

TOO_MUCH = {"monthly_cost": 1}  # the shop costs 18.02 USD a month


class TestList:
    def test_shows_the_levels_of_this_environment(self, cx: Cx) -> None:
        cx.write(policies={"levels": {"no-open-ingress": "advisory"}})
        lines = {
            line.split()[0]: line.split()[1]
            for line in cx("policy", "list").err.splitlines()
            if line[:1] != " "
        }
        assert lines["no-open-ingress"] == "advisory"
        assert lines["deletion-protection"] == "disabled"
        assert set(RULES) <= set(lines)
        production = cx("policy", "list", "-e", "production", "--json").answer["policies"]
        assert {one["name"]: one["level"] for one in production}["deletion-protection"] == "mandatory"

    def test_outside_of_a_project_shows_each_policys_own_level(self, cx: Cx) -> None:
        (cx.folder / "cygni.yaml").unlink()
        found = cx("policy", "list", "-e", "production", "--json").answer["policies"]
        assert {one["name"]: one["level"] for one in found}["bucket-versioning"] == "advisory"
        assert cx("policy", "list", "-e", "prod").code == 6

    def test_of_a_project_that_is_not_there_is_an_error(self, cx: Cx) -> None:
        assert cx("policy", "list", "-a", str(cx.folder / "nowhere")).code == 6


class TestExplain:
    def test_tells_what_is_checked_why_and_what_to_do(self, cx: Cx) -> None:
        rule = RULES["instance-ceiling"]
        said = " ".join(cx("policy", "explain", rule.name).err.split())
        for part in (rule.checks, rule.why, rule.fix, rule.setting, "mandatory in local", "rds.Instance"):
            assert part in said
        assert "by itself mandatory in preview, mandatory in staging, mandatory in production" in said

    def test_is_one_object_for_programs(self, cx: Cx) -> None:
        found = cx("policy", "explain", "backups", "-e", "production", "--json").answer
        assert (found["name"], found["level"], found["setting"]) == (
            "backups",
            "mandatory",
            RULES["backups"].setting,
        )
        assert found["own_levels"] == {
            "preview": "disabled",
            "staging": "disabled",
            "production": "mandatory",
        }
        assert "aws:rds/instance:Instance" in found["types"]

    def test_lists_not_all_of_many_types(self, cx: Cx) -> None:
        assert "more, with --json" in " ".join(cx("policy", "explain", "required-tags").err.split())
        assert len(cx("policy", "explain", "required-tags", "--json").answer["types"]) > 800

    def test_of_an_unknown_one_names_those_there_are(self, cx: Cx) -> None:
        ended = cx("policy", "explain", "backup")
        assert ended.code == 6
        assert 'did you mean "backups"?' in ended.err


class TestDeploy:
    @pytest.mark.parametrize("arguments", [["deploy", "--yes"], ["deploy", "--yes", "--json"], ["diff"]])
    def test_ends_with_5_at_a_mandatory_finding_and_changes_nothing(
        self, cx: Cx, arguments: list[str]
    ) -> None:
        cx.write(policies=TOO_MUCH)
        ended = cx(*arguments)
        assert (ended.code, cx.changed_anything) == (5, False)

    def test_shows_what_is_wrong_why_and_what_to_do(self, cx: Cx) -> None:
        cx.write(policies=TOO_MUCH)
        said = " ".join(cx("diff").err.split())
        wrong = "mandatory policy cost-ceiling: costs $18.02 a month, and at most $1.00 is allowed"
        for part in (
            wrong,
            f"why: {RULES['cost-ceiling'].why}",
            "fix: Remove or shrink",
            "hint: Nothing was changed.",
        ):
            assert part in said
        assert "Mandatory policy cost-ceiling" in cx("diff", "--markdown").out

    def test_tells_programs_the_same(self, cx: Cx) -> None:
        cx.write(policies=TOO_MUCH)
        error = cx("deploy", "--yes", "--json").answer["error"]
        assert error["code"] == "policy_violation"
        assert error["details"]["policies"] == ["cost-ceiling"]
        (found,) = valid(error["details"]["plan"])["findings"]
        assert (found["policy"], found["level"], found["resource"]) == ("cost-ceiling", "mandatory", None)

    def test_passes_with_advice(self, cx: Cx) -> None:
        cx.write(policies={**TOO_MUCH, "levels": {"cost-ceiling": "advisory"}})
        ended = cx("deploy", "--yes")
        assert (ended.code, cx.changed_anything) == (0, True)
        assert "advisory policy cost-ceiling" in ended.err
        again = cx("deploy", "--yes")
        assert (again.code, cx.changed_anything) == (0, False)
        assert "advisory policy cost-ceiling" in again.err

    def test_says_nothing_of_what_is_disabled(self, cx: Cx) -> None:
        cx.write(policies={**TOO_MUCH, "levels": {"cost-ceiling": "disabled"}})
        assert "cost-ceiling" not in cx("deploy", "--yes").err

    def test_is_also_held_by_what_stays_as_it_is(self, cx: Cx) -> None:
        assert cx("deploy", "--yes").code == 0
        cx.write(policies=TOO_MUCH)
        ended: Any = cx("deploy", "--yes")
        assert (ended.code, cx.changed_anything) == (5, False)

    def test_may_always_be_undone(self, cx: Cx) -> None:
        assert cx("deploy", "--yes").code == 0
        cx.write(policies=TOO_MUCH)
        assert cx("destroy", "--yes", "--allow-destroy", "uploads").code == 0
