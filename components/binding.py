"""What a resource gives to the tasks that use it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

Statement = Mapping[str, Any]
"""One statement of an IAM policy, as it stands in its JSON."""


@dataclass(frozen=True)
class Binding:
    """What tasks are given so that they can use something, a bucket or a database.

    `variables` are environment variables. `secrets` are environment variables whose value ECS reads when a task
    starts: here stands only where, as ECS writes it (`ARN` of a secret or parameter, or `ARN:json-key::`), and
    `secret_arns` are the secrets themselves, which the execution role may then read, and `reading` is what it takes
    besides. `statements` are what the program may do, `security_groups` the groups its tasks join to be let in.
    """

    variables: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secret_arns: Sequence[pulumi.Input[str]] = ()
    reading: Sequence[Statement] = ()
    statements: Sequence[pulumi.Input[Statement]] = ()
    security_groups: Sequence[pulumi.Input[str]] = ()


def variable(*words: str) -> str:
    """The name of an environment variable: `variable("bucket", "my-files")` is `BUCKET_MY_FILES`."""
    return "_".join(words).upper().replace("-", "_")


def allow(
    actions: Sequence[str], resources: Sequence[str], condition: Mapping[str, Any] | None = None
) -> Statement:
    """A statement that allows `actions` on `resources`, where `condition` is met."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return {**statement, "Condition": condition} if condition else statement


def joined(statements: Sequence[Statement]) -> list[Statement]:
    """`statements` with those that allow the same joined: a role's inline policies have 10,240 characters (IAM)."""
    found: dict[str, tuple[Statement, list[str]]] = {}
    for statement in statements:
        same = json.dumps([statement["Action"], statement.get("Condition")], sort_keys=True)
        _, known = found.setdefault(same, (statement, []))
        known.extend(arn for arn in statement["Resource"] if arn not in known)
    return [allow(one["Action"], arns, one.get("Condition")) for one, arns in found.values()]


def bucket_binding(name: str, bucket: pulumi.Input[str], arn: pulumi.Input[str]) -> Binding:
    """Reading and writing the objects of a bucket; BUCKET_NAME holds its name."""
    known = pulumi.Output.from_input(arn)
    return Binding(
        variables={variable("bucket", name): bucket},
        statements=[
            known.apply(lambda found: allow(["s3:ListBucket"], [found])),
            known.apply(
                lambda found: allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [f"{found}/*"])
            ),
        ],
    )


def queue_binding(name: str, url: pulumi.Input[str], arn: pulumi.Input[str]) -> Binding:
    """Sending to a queue, receiving from it and deleting what was done; QUEUE_NAME_URL holds its URL."""
    actions = [
        "sqs:SendMessage",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
    ]
    return Binding(
        variables={variable("queue", name, "url"): url},
        statements=[pulumi.Output.from_input(arn).apply(lambda found: allow(actions, [found]))],
    )


def topic_binding(name: str, arn: pulumi.Input[str]) -> Binding:
    """Publishing to a topic; TOPIC_NAME_ARN holds its ARN."""
    known = pulumi.Output.from_input(arn)
    return Binding(
        variables={variable("topic", name, "arn"): known},
        statements=[known.apply(lambda found: allow(["sns:Publish"], [found]))],
    )
