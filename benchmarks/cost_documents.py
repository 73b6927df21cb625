"""How long `cx cost` takes for previews of growing size, such as `pulumi preview --json --show-sames` writes of a
program in TypeScript."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measuring import Commands, in_turn, ratio
from benchmarks.memory import peaks_of
from benchmarks.places import CX
from benchmarks.results import Row, compared

SIZES = (1_000, 2_500, 5_000, 10_000)
ROUNDS = 5
GOAL_SECONDS = 3.0
GOAL_MEBIBYTES = 300.0

_STACK = "urn:pulumi:production::shop"
_PROVIDER = f"{_STACK}::pulumi:providers:aws::default_7_48_0::7f1c02f5-14a3-4be2-8d0b-6fb44d9c1e07"
_ROOT = f"{_STACK}::pulumi:pulumi:Stack::shop-production"
_TRACE = [{"sourcePosition": f"project:///src/shop/services.ts#{line},17"} for line in (41, 88, 212, 18)]

_KINDS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "aws:ec2/instance:Instance",
        {
            "ami": "ami-0abcdef1234567890",
            "instanceType": "m7g.large",
            "subnetId": "subnet-0123456789abcdef0",
            "vpcSecurityGroupIds": ["sg-0123456789abcdef0"],
            "rootBlockDevice": {"volumeSize": 40, "volumeType": "gp3"},
        },
    ),
    ("aws:ebs/volume:Volume", {"availabilityZone": "us-east-1a", "size": 200, "type": "gp3"}),
    ("aws:ec2/natGateway:NatGateway", {"allocationId": "eipalloc-01", "subnetId": "subnet-01"}),
    ("aws:ec2/eip:Eip", {"domain": "vpc"}),
    ("aws:s3/bucket:Bucket", {"bucket": "shop-uploads", "forceDestroy": False}),
    ("aws:lb/loadBalancer:LoadBalancer", {"loadBalancerType": "application", "subnets": ["a", "b"]}),
    (
        "aws:rds/instance:Instance",
        {
            "allocatedStorage": 100,
            "engine": "postgres",
            "engineVersion": "17.4",
            "instanceClass": "db.m6g.large",
            "multiAz": True,
            "storageType": "gp3",
            "backupRetentionPeriod": 7,
        },
    ),
    ("aws:sqs/queue:Queue", {"name": "orders", "visibilityTimeoutSeconds": 30}),
    ("aws:cloudwatch/logGroup:LogGroup", {"name": "/shop/web", "retentionInDays": 30}),
    (
        "aws:iam/role:Role",
        {
            "name": "shop-web",
            "assumeRolePolicy": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Principal": {"Service": "ecs"}, "Action": "sts:AssumeRole"}
                    ],
                }
            ),
        },
    ),
)
_OPERATIONS = ("same", "same", "same", "update", "same", "same", "create", "same", "update", "same", "delete")


def write_preview(path: Path, resources: int) -> int:
    """Writes a preview of so many resources in us-east-1, as large as real ones are. Returns its size in bytes."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{\n    "config": {\n        "aws:region": "us-east-1"\n    },\n    "steps": [\n')
        for number, step in enumerate(_steps(resources)):
            file.write(("" if number == 0 else ",\n") + json.dumps(step, indent=4))
        file.write('\n    ],\n    "duration": 61200000000,\n    "changeSummary": {"same": 0}\n}\n')
    return path.stat().st_size


def _steps(resources: int) -> Iterator[Mapping[str, Any]]:
    for number in range(resources):
        operation = _OPERATIONS[number % len(_OPERATIONS)]
        token, inputs = _KINDS[number % len(_KINDS)]
        urn = f"{_STACK}::acme:shop:Service${token}::service-{number:05}"
        step: dict[str, Any] = {"op": operation, "urn": urn, "provider": _PROVIDER}
        if operation != "create":
            step["oldState"] = _state(
                urn, token, number, inputs, {"Name": f"service-{number:05}"}, known=True
            )
        if operation != "delete":
            changed = {"Name": f"service-{number:05}"} | ({"Owner": "shop"} if operation == "update" else {})
            step["newState"] = _state(urn, token, number, inputs, changed, known=operation != "create")
        step["detailedDiff"] = None
        yield step


def _state(
    urn: str, token: str, number: int, inputs: Mapping[str, Any], tags: Mapping[str, str], *, known: bool
) -> Mapping[str, Any]:
    given = {"__defaults": [], **inputs, "region": "us-east-1", "tags": tags, "tagsAll": tags}
    state: dict[str, Any] = {
        "urn": urn,
        "custom": True,
        "type": token,
        "inputs": given,
        "parent": _ROOT,
        "provider": _PROVIDER,
        "propertyDependencies": {name: [] for name in given if name != "__defaults"},
        "created": "2026-09-01T08:15:30.123456789Z",
        "modified": "2026-11-01T08:15:30.123456789Z",
        "sourcePosition": "project:///src/shop/services.ts#41,17",
        "stackTrace": _TRACE,
    }
    if known:
        arn = f"arn:aws:service:us-east-1:123456789012:thing/service-{number:05}"
        state["id"] = f"id-{number:017x}"
        state["outputs"] = {**inputs, "arn": arn, "id": state["id"], "region": "us-east-1", "tagsAll": tags}
    return state


def measured(folder: Path, commands: Commands, say: Callable[[str], None]) -> list[Row]:
    """`cx cost FILE` as a whole process on previews of growing size: against an empty Python program, against what
    was promised, and the largest against as many times the smallest as it is larger."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for size in SIZES:
        files[size] = folder / f"{size}.json"
        say(f"{size:,} resources: a preview of {write_preview(files[size], size) / 1e6:.0f} MB")
    actions = {str(size): partial(commands.run, CX, "cost", file) for size, file in files.items()}
    actions["json"] = partial(commands.run, CX, "cost", files[SIZES[-1]], "--json")
    actions["python"] = partial(commands.run, sys.executable, "-c", "pass")
    seconds = in_turn(ROUNDS, actions)
    rows = [
        compared("cx cost FILE : python -c pass", size, ratio(seconds[str(size)], seconds["python"]))
        for size in SIZES
    ]
    smallest, largest = SIZES[0], SIZES[-1]
    times = largest // smallest
    grown = ratio(seconds[str(largest)], [times * one for one in seconds[str(smallest)]])
    promised = [GOAL_SECONDS] * ROUNDS
    return [
        *rows,
        compared(f"cx cost FILE : {times} × that of {smallest:,}", largest, grown, 1.0),
        compared("cx cost FILE : the time promised", largest, ratio(seconds[str(largest)], promised), 1.0),
        compared("cx cost FILE --json : the time promised", largest, ratio(seconds["json"], promised), 1.0),
        *(_memory(commands, size, files[size]) for size in (smallest, largest)),
    ]


def _memory(commands: Commands, size: int, file: Path) -> Row:
    peak = peaks_of(commands, CX, "cost", file, "--json")["cx"] / 2**20
    found = ratio([peak], [GOAL_MEBIBYTES])
    return Row(
        "memory of cx cost FILE --json", size, f"{peak:.0f} MiB", f"{GOAL_MEBIBYTES:.0f} MiB", found, 1.0
    )
