from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cygni.errors import WorldChanged
from cygni.naming import Part
from cygni.plan.model import Change, Step
from stacks.applying import apply
from stacks.data_loss import marked, permit_data_loss
from stacks.operations import OperationKind, StackOperation
from stacks.planning import PlannedEnvironment, plan_environment
from stacks.state import look
from stacks.target import Environment
from tests.engine_state import read_state, write_state
from tests.factories import create_environment, create_spec
from tests.fakes import FakeRunner, Heard

BUCKET = "urn:pulumi:shop.staging.data::cygni::cygni:data:Bucket$aws:s3/bucket:Bucket::shop-staging-uploads"


def deletion(**given: Any) -> Step:
    return Step(Part.DATA, BUCKET, "aws:s3/bucket:Bucket", "shop-staging-uploads", Change.DELETE, **given)


def buckets(*given: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": [{"urn": BUCKET, **one} for one in given]}}


def marked_ids(exported: dict[str, Any], *steps: Step) -> list[str]:
    resources = marked(exported, steps)["deployment"]["resources"]
    return [one["id"] for one in resources if (one.get("inputs") or {}).get("forceDestroy")]


class TestPermitDataLoss:
    BUCKETS: Any = {"buckets": {"uploads": {}, "reports": {}}}  # noqa: RUF012

    @pytest.fixture
    def environment(self, tmp_path: Path) -> Environment:
        return create_environment(tmp_path)

    def _plan(self, environment: Environment, **sections: Any) -> PlannedEnvironment:
        return plan_environment(FakeRunner(), environment, create_spec(**sections), Heard(), settle=True)

    def _kinds(self, runner: FakeRunner) -> set[OperationKind]:
        return {operation.kind for operation in runner.asked}

    def test_marks_what_is_named_alone(self, environment: Environment) -> None:
        runner = FakeRunner()
        apply(runner, environment, self._plan(environment, **self.BUCKETS), Heard())
        planned = self._plan(environment, buckets={})
        permitted = permit_data_loss(runner, environment, planned, ["uploads"])
        found = look(runner, environment.engine, "shop.staging.data")
        marked = [one["urn"] for one in found.resources if (one.get("inputs") or {}).get("forceDestroy")]
        assert [urn.rpartition("::")[2] for urn in marked] == ["shop-staging-uploads"]
        assert permitted.stacks[Part.DATA].state == found.fingerprint != planned.stacks[Part.DATA].state

    @pytest.mark.parametrize("part", ["foundation", "data", "services"])
    def test_marks_nothing_if_any_stack_has_changed(self, environment: Environment, part: str) -> None:
        runner = FakeRunner()
        apply(runner, environment, self._plan(environment, **self.BUCKETS), Heard())
        planned = self._plan(environment, buckets={})
        other = StackOperation(OperationKind.EXPORT, f"shop.staging.{part}", environment.engine)
        write_state(other, {**read_state(other), "touched": "by somebody else"})
        runner.asked.clear()
        with pytest.raises(WorldChanged):
            permit_data_loss(runner, environment, planned, ["uploads"])
        assert OperationKind.IMPORT not in self._kinds(runner)


class TestMarked:
    LIVE_AND_LEFT = buckets({"id": "new"}, {"id": "old", "delete": True}, {"id": "older", "delete": True})

    def test_spares_the_live_bucket_when_a_leftover_of_it_goes(self) -> None:
        assert marked_ids(self.LIVE_AND_LEFT, deletion(leftover=True, id="old")) == ["old"]

    def test_takes_every_leftover_where_the_id_is_not_known(self) -> None:
        assert marked_ids(self.LIVE_AND_LEFT, deletion(leftover=True)) == ["old", "older"]

    def test_spares_leftovers_when_the_live_bucket_goes(self) -> None:
        assert marked_ids(self.LIVE_AND_LEFT, deletion()) == ["new"]
        assert marked_ids(self.LIVE_AND_LEFT, deletion(id="new")) == ["new"]

    def test_lets_go_of_the_named_resources_alone(self) -> None:
        exported = {
            "version": 3,
            "deployment": {
                "resources": [
                    {
                        "urn": BUCKET,
                        "inputs": {"bucket": "a"},
                        "outputs": {"bucket": "a", "forceDestroy": False},
                    },
                    {"urn": BUCKET + "-2", "inputs": {"bucket": "b"}},
                ]
            },
        }
        first, second = marked(exported, [deletion()])["deployment"]["resources"]
        assert first["inputs"] == {"bucket": "a", "forceDestroy": True}
        assert first["outputs"]["forceDestroy"] is True
        assert second == {"urn": BUCKET + "-2", "inputs": {"bucket": "b"}}

    def test_changes_nothing_of_what_it_is_given(self) -> None:
        exported: Any = {
            "version": 3,
            "deployment": {"resources": [{"urn": BUCKET, "inputs": {"bucket": "a"}}]},
        }
        marked(exported, [deletion()])
        assert exported["deployment"]["resources"][0]["inputs"] == {"bucket": "a"}
