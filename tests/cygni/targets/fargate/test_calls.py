"""Every call that releases make of AWS: as botocore's models have it, and as the documentation lists it."""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

import cygni
from cygni.local_cloud.process import LocalCloud
from cygni.naming import Colour
from cygni.releases.driver import World
from cygni.releases.observed import ColourState, Place, ServiceState
from cygni.releases.operations import Releases
from cygni.releases.release import DeploymentState, Release, ServiceRelease
from cygni.releases.settings import CanaryStep, GateSettings, Limits, ReleaseSettings, Strategy
from cygni.targets.fargate import fargate_target
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.running import Running
from cygni.targets.fargate.secret_versions import secret_versions
from cygni.targets.fargate.workload import EcsWorkload
from tests.cygni.targets.fargate.conftest import register
from tests.release_reaper import Reaper
from tests.release_records import FakeLeases, FakeStore, Records

DOCUMENTED = Path(cygni.__file__).parent.parent / "docs" / "releases.md"
SERVICES = {"elbv2": "elasticloadbalancing"}
"""Where permissions have another name than botocore's service."""
CANARY = ReleaseSettings(
    strategy=Strategy.CANARY,
    limits=Limits(1, 6),
    canary=(CanaryStep(5, 10.0),),
    bake=10.0,
    crash_limit=10**6,
    gates=GateSettings(alarms=("checkout",)),
)


class Call(NamedTuple):
    service: str
    operation: str
    parameters: Mapping[str, Any]


class RecordedClients(Clients):
    """Clients that keep what is asked, as it is given to them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(variables)
        self.calls: list[Call] = []

    def _make(self, service: str, region: str | None) -> Any:
        client = super()._make(service, region)

        def record(params: Mapping[str, Any], model: Any, **_: Any) -> None:
            self.calls.append(Call(service, model.name, copy.deepcopy(dict(params))))

        client.meta.events.register("provide-client-params.*.*", record)
        return client


class AllRun(EcsWorkload):
    """Looks as ever, and sees every task that is wanted run: there is no program for them here."""

    def look(self, services: Sequence[str]) -> Mapping[str, ServiceState]:
        return {
            name: replace(state, colours={colour: _all_run(one) for colour, one in state.colours.items()})
            for name, state in super().look(services).items()
        }


def _all_run(state: ColourState) -> ColourState:
    return replace(state, running=state.desired, healthy=state.desired, pending=0, outdated=0)


class FastClock:
    """Waits are over at once, and have taken their time."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@pytest.fixture
def clients(local_cloud: LocalCloud) -> RecordedClients:
    return RecordedClients(
        {
            "AWS_ENDPOINT_URL": local_cloud.endpoint,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
        }
    )


def released(clients: RecordedClients, running: Running, newer: str) -> None:
    """A first release, a canary, and the way back; then what only releases that fail ask for."""
    target = replace(fargate_target(clients, running, local=True), workload=AllRun(clients, running))
    records, reaper = Records(), Reaper()
    world = World(target, FakeStore(records, reaper), FastClock(), lambda event: None)
    records.alive = {1}
    releases = Releases(world, FakeLeases(records, reaper, 1), {"web": CANARY}, "ada")
    for revision in (running.service("web").task_definition, newer):
        made = Release("t", "local", {"web": ServiceRelease(revision)}, world.clock.now(), "ada")
        ended = releases.deploy(made)
        assert ended is not None
        assert ended.state is DeploymentState.SUCCEEDED, ended.reason
    back = releases.rollback()
    assert back is not None
    assert back.state is DeploymentState.SUCCEEDED, back.reason
    blue = Place("web", Colour.BLUE)
    target.workload.stopped([blue], world.clock.now() - timedelta(hours=1))
    task = target.jobs.start("migrate", running.job("migrate").task_definition, "cx-calls")
    target.jobs.read(task)
    target.jobs.tail(task, 5)
    target.jobs.stop(task)
    target.logs.tail(blue, "0123456789abcdef", 5)
    target.logs.since(blue, world.clock.now() - timedelta(hours=1), 5)


def asked_of_secrets(clients: RecordedClients, aws: Any, revision: str) -> None:
    secret = aws("secretsmanager").create_secret(Name=uuid.uuid4().hex, SecretString="1")["ARN"]
    definition = aws("ecs").describe_task_definition(taskDefinition=revision)["taskDefinition"]
    [container] = definition["containerDefinitions"]
    given = {
        name: definition[name]
        for name in ("family", "cpu", "memory", "networkMode", "requiresCompatibilities")
    }
    made = aws("ecs").register_task_definition(
        **given, containerDefinitions=[{**container, "secrets": [{"name": "KEY", "valueFrom": secret}]}]
    )
    [versions] = secret_versions(clients, [made["taskDefinition"]["taskDefinitionArn"]]).values()
    assert set(versions) == {"KEY"}


def documented() -> set[str]:
    text = DOCUMENTED.read_text("utf-8").partition("## What it asks of AWS")[2]
    return set(re.findall(r"`([a-z-]+:[A-Z][A-Za-z]+)`", text))


def test_are_as_the_models_of_botocore_have_them_and_all_documented(
    clients: RecordedClients, running: Running, aws: Any
) -> None:
    aws("cloudwatch").put_metric_alarm(
        AlarmName="checkout", MetricName="failed", Namespace="shop", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1e9, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    family = running.service("web").task_definition.split("/")[1].split(":")[0]
    released(clients, running, register(aws, family))
    asked_of_secrets(clients, aws, running.service("web").task_definition)
    session, validator = Session(), ParamValidator()
    for call in clients.calls:
        operation = session.get_service_model(call.service).operation_model(call.operation)
        report = validator.validate(dict(call.parameters), operation.input_shape)
        assert not report.has_errors(), (call, report.generate_report())
    asked = {f"{SERVICES.get(one.service, one.service)}:{one.operation}" for one in clients.calls}
    assert asked == documented() - {"iam:PassRole"}
