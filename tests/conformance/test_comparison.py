"""What both would replace, and what is reported."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.__main__ import agrees, main, report
from conformance.clouds import Difference
from conformance.comparison import Outcome, actions_of, disagreements
from conformance.known_differences import PENDING, READ
from conformance.projects import CHANGED, WHOLE, spec
from cygni.plan.model import Change

ADDRESSES = {"urn:a": "aws_vpc.a"}


class TestDisagreements:
    @pytest.mark.parametrize("theirs", [["delete", "create"], ["create", "delete"]])
    def test_are_none_where_both_replace(self, theirs: list[str]) -> None:
        assert disagreements({"urn:a": Change.REPLACE}, {"aws_vpc.a": theirs}, ADDRESSES) == []

    def test_name_who_replaces(self) -> None:
        assert disagreements({"urn:a": Change.REPLACE}, {"aws_vpc.a": ["update"]}, ADDRESSES) == [
            "aws_vpc.a: ours replace, theirs update"
        ]
        assert disagreements({}, {"aws_vpc.a": ["delete", "create"]}, ADDRESSES) == [
            "aws_vpc.a: ours same, theirs replace"
        ]


class TestActionsOf:
    @staticmethod
    def planned(*causes: str) -> dict[str, Any]:
        change = {"actions": ["delete", "create"], "replace_paths": [[cause] for cause in causes]}
        return {"resource_changes": [{"address": "aws_vpc.a", "type": "aws_vpc", "change": change}]}

    def test_leave_out_what_stays(self) -> None:
        same = {"address": "aws_vpc.a", "type": "aws_vpc", "change": {"actions": ["no-op"]}}
        assert actions_of({"resource_changes": [same]}) == {}

    def test_take_a_replacement_for_what_the_cloud_does_not_tell_for_an_update(self) -> None:
        assert actions_of(self.planned("x"), {"aws_vpc.x"}) == {"aws_vpc.a": ["update"]}
        assert actions_of(self.planned("x", "y"), {"aws_vpc.x"}) == {"aws_vpc.a": ["delete", "create"]}


class TestReport:
    def test_agrees_where_every_difference_is_known(self) -> None:
        [(name, reason), *_] = READ.items()
        kind, _, path = name.rpartition(".")
        outcome = Outcome("staging", 3, {Difference(kind, path, "1", "2")}, pending=set(PENDING))
        assert agrees(outcome)
        assert f"  known: {name}: {reason}" in report(outcome)

    @pytest.mark.parametrize(
        "outcome",
        [
            Outcome("staging", differences={Difference("aws:ec2/vpc:Vpc", "cidrBlock", "1", "2")}),
            Outcome("staging", disagreements={"aws_vpc.a: ours same, theirs replace"}),
            Outcome("staging", pending={"aws_vpc.cidr_block"}),
        ],
    )
    def test_tells_what_nobody_has_explained(self, outcome: Outcome) -> None:
        assert not agrees(outcome)
        assert len(report(outcome)) == 2


class TestMain:
    def test_is_skipped_with_a_message_where_there_is_no_terraform(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        assert main([]) == 0
        assert capsys.readouterr().out == "Skipped: there is no `terraform` on PATH.\n"


@pytest.mark.parametrize("environment", ["preview-check", "staging", "production"])
def test_the_change_really_changes_the_project(environment: str) -> None:
    assert spec(WHOLE, environment) != spec(CHANGED, environment)
