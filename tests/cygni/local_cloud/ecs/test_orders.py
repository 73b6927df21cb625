from __future__ import annotations

import types
from typing import Any

from cygni.local_cloud.ecs.objects import Container, Task
from cygni.local_cloud.ecs.orders import order_for
from cygni.local_cloud.ecs.placement import log_stream

ARN = "arn:aws:ecs:us-east-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"
LOG = {"logDriver": "awslogs", "options": {"awslogs-group": "/shop", "awslogs-stream-prefix": "app"}}


def task(overrides: dict[str, Any] | None = None, **container: Any) -> Task:
    given = {"name": "app", "image": "web:1", **container}
    return Task(
        task_arn=ARN,
        cluster_arn="arn:aws:ecs:us-east-1:123456789012:cluster/shop",
        task_definition_arn="arn:aws:ecs:us-east-1:123456789012:task-definition/web:1",
        definition=types.SimpleNamespace(container_definitions=[given]),
        region="us-east-1",
        group="service:web",
        containers=[Container("app", "web:1", "arn", ARN, "0", None, essential=True)],
        cpu="256",
        memory="512",
        overrides=overrides or {},
    )


def test_reads_amounts_in_every_way_that_they_are_written() -> None:
    written = task()
    written.memory = "2 GB"
    assert order_for(written).memory == 2048


def test_says_what_the_task_definition_says() -> None:
    order = order_for(
        task(
            entryPoint=["tini"],
            command=["web"],
            environment=[{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
            secrets=[{"name": "S", "valueFrom": "arn:secret"}],
            portMappings=[{"containerPort": 8080}],
            stopTimeout=5,
            memory=256,
            logConfiguration=LOG,
        )
    )
    [container] = order.containers
    assert (order.id, order.memory, order.stop) == ("0123456789abcdef0123456789abcdef", 512, False)
    assert (container.entry_point, container.command) == (("tini",), ("web",))
    assert container.environment == (("A", "1"), ("B", "2"))
    assert container.secrets == (("S", "arn:secret"),)
    assert (container.container_port, container.stop_seconds, container.memory) == (8080, 5.0, 256)
    assert container.has_log


def test_leaves_to_ecs_s_defaults_what_it_does_not_say() -> None:
    [container] = order_for(task()).containers
    assert (container.essential, container.container_port, container.stop_seconds) == (True, 0, 30.0)
    assert not container.has_log


def test_says_what_whoever_runs_it_says_otherwise() -> None:
    override = {
        "containerOverrides": [
            {"name": "app", "command": ["migrate"], "environment": [{"name": "A", "value": "9"}]},
            {"name": "other", "command": ["nothing"]},
        ]
    }
    given = task(
        override, command=["web"], environment=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    )
    [container] = order_for(given).containers
    assert container.command == ("migrate",)
    assert container.environment == (("A", "9"), ("B", "2"))


def test_a_log_stream_has_the_name_that_the_awslogs_driver_gives_it() -> None:
    given = task(logConfiguration=LOG)
    [container] = given.definition.container_definitions
    assert log_stream(given, "app", container) == ("/shop", f"app/app/{given.id}")
    assert log_stream(given, "app", {"logConfiguration": {"logDriver": "json-file"}}) is None
