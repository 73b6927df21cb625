from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from cygni.targets.fargate.clients import Clients
from stacks.revisions import forget_families, forget_revisions
from stacks.tagged import Tagged

Aws = Callable[..., Any]


def register(aws: Aws, family: str) -> str:
    made = aws("ecs").register_task_definition(
        family=family, containerDefinitions=[{"name": "app", "image": "web:1", "memory": 64}]
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def active(aws: Aws, family: str) -> list[str]:
    found: list[str] = aws("ecs").list_task_definitions(familyPrefix=family)["taskDefinitionArns"]
    return found


class TestForgetFamilies:
    def test_takes_all_revisions_of_a_family_and_of_no_other(self, clients: Clients, aws: Aws) -> None:
        family = f"f{uuid.uuid4().hex[:8]}"
        for name in (family, family, f"{family}-more"):
            register(aws, name)
        forget_families([family], clients)
        assert [arn for arn in active(aws, family) if f"/{family}:" in arn] == []
        assert len(active(aws, f"{family}-more")) == 1


class TestForgetRevisions:
    def test_takes_task_definitions_alone(self, clients: Clients, aws: Aws) -> None:
        family = f"f{uuid.uuid4().hex[:8]}"
        arn = register(aws, family)
        urn = "shop.local.services/{}/web"
        tagged = [
            Tagged(
                "ecs task-definition",
                (arn, family),
                {"cygni:urn": urn.format("aws:ecs/taskDefinition:TaskDefinition")},
            ),
            Tagged("ecs service", ("arn:service",), {"cygni:urn": urn.format("aws:ecs/service:Service")}),
        ]
        assert forget_revisions(tagged, clients) == 1
        assert active(aws, family) == []
        assert forget_revisions(tagged, clients) == 1  # which is gone already
