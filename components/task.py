"""What every kind of service on ECS Fargate has: its log, its roles, its security group, its task definition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, ec2, ecs, iam, vpc

from components.binding import Binding, Statement, allow, joined
from components.component import Component
from components.egress import to_anywhere
from cygni.naming import ROLE_NAME_LIMIT, auto_named

FREE_EPHEMERAL_GIB = 20
"""Ephemeral storage every Fargate task has without asking (AWS Fargate task storage)."""

CONTAINER = "app"
"""The name of a task's only container."""


@dataclass(frozen=True)
class TaskArgs:
    """A task: `cpu` in CPU units, `memory` in MiB, `ephemeral_storage` in GiB, `stop_timeout` in seconds."""

    image: pulumi.Input[str]
    cpu: int
    memory: int
    architecture: str
    ephemeral_storage: int
    stop_timeout: int
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    command: Sequence[str] = ()
    repository_arn: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class FargateArgs:
    """What services of every kind are given: a task and where it runs.

    `family` is the task definition's, unique in account and region. `subnet_ids` are where tasks run; `public` gives
    each a public address (needed where there is no NAT). `log_retention` is in days. `bindings` are what the tasks may
    use; with `exec` commands may be run in them (ECS Exec).
    """

    cluster_arn: pulumi.Input[str]
    family: str
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[str]]
    public: bool
    region: str
    log_group: str
    log_retention: int
    task: TaskArgs
    bindings: Sequence[Binding] = ()
    exec: bool = False


class Task:
    """Log group, roles, security group and task definition, as children of `parent`.

    With a `port` the container listens on it. `permissions` are what tasks need besides what they refer to:
    without it the first of them fail.
    """

    def __init__(self, parent: Component, name: str, args: FargateArgs, port: int | None = None) -> None:
        self.name = name
        self._parent = parent
        self._args = args
        self._port = port
        self.permissions: list[pulumi.Resource] = []
        self.log_group = cloudwatch.LogGroup(
            name, name=args.log_group, retention_in_days=args.log_retention, opts=parent.child()
        )
        self.security_group = ec2.SecurityGroup(
            name,
            description=f"Tasks of {name}",
            vpc_id=args.vpc_id,
            egress=to_anywhere(),
            opts=parent.child(),
        )
        self.execution_role = self._execution_role()
        entered = [allow(_CHANNELS, ["*"])] if args.exec else []
        self.role = self._role(
            "task", [*(one for binding in args.bindings for one in binding.statements), *entered]
        )
        """What the program itself may do: what it is bound to, and what lets commands in; nothing else."""
        self.definition = self._definition()

    @property
    def security_groups(self) -> list[pulumi.Input[str]]:
        """The groups a task is in: its own, and those that what it is bound to lets in."""
        return [
            self.security_group.id,
            *(group for binding in self._args.bindings for group in binding.security_groups),
        ]

    @property
    def outputs(self) -> dict[str, pulumi.Input[Any]]:
        """What the component whose task this is registers: `ownVariables` names the variables that are the task's
        own, so that whoever reads the state can tell them from those of what it is bound to."""
        own = sorted(self._args.task.environment)
        return {"taskDefinitionArn": self.definition.arn, "ownVariables": own}

    def let_in(self, name: str, description: str, security_group: pulumi.Input[str], port: int) -> None:
        """Lets members of a security group reach `port`; `name` tells this way in from others."""
        self.permissions.append(
            vpc.SecurityGroupIngressRule(
                f"{self.name}-{name}",
                security_group_id=self.security_group.id,
                description=description,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                referenced_security_group_id=security_group,
                opts=self._parent.child(),
            )
        )

    def _execution_role(self) -> iam.Role:
        """What ECS itself may do for a task: write its log, pull its image if it is in our registry, and read
        the secrets it is given."""
        repository = self._args.task.repository_arn
        statements: list[pulumi.Input[Statement]] = [
            self.log_group.arn.apply(
                lambda arn: allow(["logs:CreateLogStream", "logs:PutLogEvents"], [f"{arn}:*"])
            )
        ]
        if repository is not None:
            statements.append(allow(["ecr:GetAuthorizationToken"], ["*"]))
            statements.append(pulumi.Output.from_input(repository).apply(lambda arn: allow(_PULL, [arn])))
        secrets = [arn for binding in self._args.bindings for arn in binding.secret_arns]
        if secrets:
            statements.append(
                pulumi.Output.all(*secrets).apply(
                    lambda arns: allow(["secretsmanager:GetSecretValue"], sorted(set(arns)))
                )
            )
        statements += [one for binding in self._args.bindings for one in binding.reading]
        return self._role("execution", statements)

    def _role(self, kind: str, statements: Sequence[pulumi.Input[Statement]]) -> iam.Role:
        name = f"{self.name}-{kind}"
        role = iam.Role(
            auto_named(name, ROLE_NAME_LIMIT),
            assume_role_policy=json.dumps(policy([_ASSUMED_BY_TASKS])),
            opts=self._parent.child(),
        )
        if statements:
            self.permissions.append(role_policy(self._parent, name, role, statements))
        return role

    def _definition(self) -> ecs.TaskDefinition:
        task = self._args.task
        ephemeral = None
        if task.ephemeral_storage > FREE_EPHEMERAL_GIB:
            ephemeral = ecs.TaskDefinitionEphemeralStorageArgs(size_in_gib=task.ephemeral_storage)
        return ecs.TaskDefinition(
            self.name,
            family=self._args.family,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(task.cpu),
            memory=str(task.memory),
            runtime_platform=ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=task.architecture.upper(), operating_system_family="LINUX"
            ),
            ephemeral_storage=ephemeral,
            execution_role_arn=self.execution_role.arn,
            task_role_arn=self.role.arn,
            container_definitions=self._container_definitions(),
            skip_destroy=True,  # an earlier release goes back to an earlier revision
            opts=self._parent.child(),
        )

    def _container_definitions(self) -> pulumi.Output[str]:
        task = self._args.task
        # Programs that follow it listen where the load balancer asks, whatever their image says.
        variables: dict[str, pulumi.Input[str]] = {} if self._port is None else {"PORT": str(self._port)}
        secrets: dict[str, pulumi.Input[str]] = {}
        for binding in self._args.bindings:
            variables |= binding.variables
            secrets |= binding.secrets
        values = pulumi.Output.all(
            image=task.image,
            log_group=self.log_group.name,
            # What the specification says itself wins; ECS refuses a name that is both.
            environment={
                **{name: variables[name] for name in variables.keys() - secrets},
                **task.environment,
            },
            secrets={name: where for name, where in secrets.items() if name not in task.environment},
        )

        def text(given: dict[str, Any]) -> str:
            environment, secrets = given["environment"], given["secrets"]
            container: dict[str, Any] = {
                "name": CONTAINER,
                "image": given["image"],
                "essential": True,
                "environment": [{"name": key, "value": environment[key]} for key in sorted(environment)],
                "stopTimeout": task.stop_timeout,
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": given["log_group"],
                        "awslogs-region": self._args.region,
                        "awslogs-stream-prefix": CONTAINER,
                    },
                },
            }
            if secrets:
                container["secrets"] = [{"name": key, "valueFrom": secrets[key]} for key in sorted(secrets)]
            if task.command:
                container["command"] = list(task.command)
            if self._port is not None:
                container["portMappings"] = [{"containerPort": self._port, "protocol": "tcp"}]
            return json.dumps([container])

        return values.apply(text)


def policy(statements: Sequence[object]) -> dict[str, object]:
    """An IAM policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role_policy(
    parent: Component, name: str, role: iam.Role, statements: Sequence[pulumi.Input[Statement]]
) -> iam.RolePolicy:
    """What a role may do, as its inline policy."""
    return iam.RolePolicy(
        name,
        role=role.id,
        policy=pulumi.Output.all(*statements).apply(lambda given: json.dumps(policy(joined(given)))),
        opts=parent.child(),
    )


_ASSUMED_BY_TASKS = {
    "Effect": "Allow",
    "Action": ["sts:AssumeRole"],
    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
}
_CHANNELS = tuple(
    f"ssmmessages:{what}"
    for what in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
)
"""What ECS Exec needs (Amazon ECS Developer Guide, "Task IAM role permissions required for ECS Exec"); AWS lets nobody
limit these to a resource."""
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
