"""The records, kept as JSON and read back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cygni.errors import StateError
from cygni.naming import Colour
from cygni.releases.estimate import EstimatedCost, EstimateRecord, KeptEstimate
from cygni.releases.observed import Place
from cygni.releases.release import (
    AnyRecord,
    Cause,
    Deployment,
    DeploymentState,
    JobRun,
    Kind,
    Live,
    LiveService,
    Move,
    Reason,
    Release,
    Request,
    ServiceRelease,
    Standing,
    Track,
    Wish,
    from_json,
    to_json,
)
from cygni.releases.settings import GateSettings, HttpCheck, Limits, ReleaseSettings
from cygni.releases.steps import Approve, Bake, Roll, Shift, Start, StopOld, Try

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)

RELEASE = Release(
    project="shop",
    environment="staging",
    services={"web": ServiceRelease("arn:web:7", "web@sha256:00", "c0ffee", {"KEY": "v1"})},
    jobs={"migrate": "arn:migrate:3"},
    created_at=NOON,
    author="ada",
    monthly=Decimal("12.30"),
    number=4,
)
MOVE = Move(
    "web",
    ReleaseSettings(
        limits=Limits(1, 4), gates=GateSettings(http=(HttpCheck("/ready"),), smoke=("./smoke", "it"))
    ),
    Colour.GREEN,
    Standing(4, "arn:web:7", 2),
    Colour.BLUE,
    Standing(0, "arn:web:6", 1),
)
DEPLOYMENT = Deployment(
    project="shop",
    environment="staging",
    release=4,
    kind=Kind.DEPLOY,
    tracks=(
        Track("web", 0, (MOVE,), (Start(), Try(), Approve(), Shift(5), Bake(1.5), StopOld(), Roll()), step=2),
    ),
    started_at=NOON,
    author="ada",
    number=9,
    state=DeploymentState.BACK,
    jobs=(JobRun("migrate", "arn:migrate:3", 60.0, "task-1", NOON, succeeded=True),),
    reason=Reason(Cause.GATE, "too many errors", {"errors": 0.03}, Place("web", Colour.GREEN)),
)
LIVE = Live(
    {"web": LiveService(Colour.BLUE, {Colour.BLUE: Standing(3, "arn:web:6", 1)}, NOON, 7)}, (3,), (9,)
)
ESTIMATE = KeptEstimate(
    Decimal("32.85"),
    Decimal("4.5"),
    1,
    (EstimatedCost("shop.staging.foundation", "nat", "EC2 - Other", Decimal("32.85"), Decimal("4.5")),),
)
RECORDS = [
    RELEASE,
    replace(RELEASE, estimate=ESTIMATE),
    EstimateRecord(NOON, ESTIMATE, 2),
    DEPLOYMENT,
    LIVE,
    Request("r1", Wish.PROMOTE, "ada", NOON),
]


class TestJson:
    @pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
    def test_brings_every_record_back_equal(self, record: AnyRecord) -> None:
        assert from_json(type(record), to_json(record), "a record") == record

    def test_of_a_release_before_there_were_estimates_is_read(self) -> None:
        content = json.loads(to_json(RELEASE))
        del content["estimate"]
        assert from_json(Release, json.dumps(content).encode(), "an old release") == RELEASE

    def test_of_a_later_estimate_with_more_in_it_is_read(self) -> None:
        content = json.loads(to_json(replace(RELEASE, estimate=ESTIMATE)))
        content["estimate"] |= {"version": 2, "savings": "1"}
        found = from_json(Release, json.dumps(content).encode(), "a later release").estimate
        assert found is not None
        assert (found.version, found.costs) == (2, ESTIMATE.costs)

    def test_is_the_same_for_equal_records(self) -> None:
        assert to_json(DEPLOYMENT) == to_json(replace(DEPLOYMENT))

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"[]",
            b"{",
            b'{"format":99}',
            b'{"format":1}',
            b"\xff",
            json.dumps({**json.loads(to_json(RELEASE)), "services": 3}).encode(),
            json.dumps({**json.loads(to_json(RELEASE)), "created_at": "noon"}).encode(),
            b"[" * 100_000,
        ],
    )
    def test_refuses_what_is_no_record_and_names_it(self, text: bytes) -> None:
        with pytest.raises(StateError, match="the fourth release"):
            from_json(Release, text, "the fourth release")


class TestRelease:
    def test_is_known_by_what_runs_and_by_nothing_else(self) -> None:
        again = replace(RELEASE, number=5, author="bob", monthly=None, created_at=datetime.now(UTC))
        assert again.id == RELEASE.id
        secret = replace(RELEASE.services["web"], secrets={"KEY": "v2"})
        assert replace(RELEASE, services={"web": secret}).id != RELEASE.id


class TestDeployment:
    def test_tells_every_service_it_moves(self) -> None:
        other = Track("api", 1, (replace(MOVE, service="api"), replace(MOVE, service="zoo")), ())
        assert replace(DEPLOYMENT, tracks=(*DEPLOYMENT.tracks, other)).services == ("api", "web", "zoo")

    def test_has_ended_whichever_way_it_ended(self) -> None:
        ended = {state for state in DeploymentState if state.ended}
        assert ended == {
            DeploymentState.SUCCEEDED,
            DeploymentState.ROLLED_BACK,
            DeploymentState.ROLLBACK_FAILED,
        }
