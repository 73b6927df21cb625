"""One service on ECS Fargate, in two colours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, ec2, ecs, iam, lb, vpc

from components.binding import Binding, Statement, allow, joined
from components.component import Component
from components.egress import to_anywhere
from cygni.naming import ROLE_NAME_LIMIT, Colour, auto_named

FREE_EPHEMERAL_GIB = 20
"""Ephemeral storage every Fargate task has without asking (AWS Fargate task storage)."""


@dataclass(frozen=True)
class HealthCheckArgs:
    """A target group's health check; `interval` and `timeout` in seconds."""

    path: str
    interval: int
    timeout: int
    healthy_threshold: int
    unhealthy_threshold: int
    codes: str


@dataclass(frozen=True)
class EntranceArgs:
    """How traffic reaches a web service: the listener's rule, and the port and check of its targets.

    `priority` orders the rules of the listener (1 to 50000, lower first). For `grace_period` seconds after its start
    a task is not replaced for what the check says.
    """

    listener_arn: pulumi.Input[str]
    load_balancer_security_group: pulumi.Input[str]
    path: str
    priority: int
    port: int
    health: HealthCheckArgs
    deregistration_delay: int
    grace_period: int = 60


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


@dataclass(frozen=True)
class ServiceArgs:
    """`subnet_ids` are where tasks run; `public` gives each a public address (needed where there is no NAT).

    `bindings` are what the tasks may use. `active` has `count` tasks, the other colour
    none. A service without `entrance` takes no traffic (a worker).
    """

    cluster_arn: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[str]]
    public: bool
    region: str
    log_group: str
    log_retention: int
    task: TaskArgs
    count: int
    bindings: Sequence[Binding] = ()
    entrance: EntranceArgs | None = None
    active: Colour = Colour.BLUE


class Service(Component):
    """Log group, roles, task definition, and for blue and green a target group and an ECS service.

    Pulumi owns both colours; the weights between them belong to releases and are ignored here.
    """

    token = "cygni:compute:Service"

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.args = args
        # What tasks need besides what they refer to: without it the first of them fail.
        self._permissions: list[pulumi.Resource] = []
        self.log_group = cloudwatch.LogGroup(
            name, name=args.log_group, retention_in_days=args.log_retention, opts=self.child()
        )
        self.security_group = self._security_group()
        self.task_definition = self._task_definition()
        target_groups = self._target_groups()
        rule = self._listener_rule(target_groups)
        self.services = {colour: self._service(colour, target_groups.get(colour), rule) for colour in Colour}
        self.register_outputs({"taskDefinitionArn": self.task_definition.arn})

    def _security_group(self) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self.name,
            description=f"Tasks of {self.name}",
            vpc_id=self.args.vpc_id,
            egress=to_anywhere(),
            opts=self.child(),
        )
        entrance = self.args.entrance
        if entrance is not None:
            way_in = vpc.SecurityGroupIngressRule(
                f"{self.name}-in",
                security_group_id=group.id,
                description="From the load balancer",
                ip_protocol="tcp",
                from_port=entrance.port,
                to_port=entrance.port,
                referenced_security_group_id=entrance.load_balancer_security_group,
                opts=self.child(),
            )
            self._permissions.append(way_in)
        return group

    def _role(self, kind: str, statements: Sequence[pulumi.Input[Statement]]) -> iam.Role:
        name = f"{self.name}-{kind}"
        role = iam.Role(
            auto_named(name, ROLE_NAME_LIMIT),
            assume_role_policy=json.dumps(_policy([_ASSUMED_BY_TASKS])),
            opts=self.child(),
        )
        if statements:
            policy = iam.RolePolicy(
                name,
                role=role.id,
                policy=pulumi.Output.all(*statements).apply(lambda given: json.dumps(_policy(joined(given)))),
                opts=self.child(),
            )
            self._permissions.append(policy)
        return role

    def _execution_role(self) -> iam.Role:
        """What ECS itself may do for a task: write its log, pull its image if it is in our registry, and read
        the secrets it is given."""
        repository = self.args.task.repository_arn
        statements: list[pulumi.Input[Statement]] = [
            self.log_group.arn.apply(
                lambda arn: allow(["logs:CreateLogStream", "logs:PutLogEvents"], [f"{arn}:*"])
            )
        ]
        if repository is not None:
            statements.append(allow(["ecr:GetAuthorizationToken"], ["*"]))
            statements.append(pulumi.Output.from_input(repository).apply(lambda arn: allow(_PULL, [arn])))
        secrets = [arn for binding in self.args.bindings for arn in binding.secret_arns]
        if secrets:
            statements.append(
                pulumi.Output.all(*secrets).apply(
                    lambda arns: allow(["secretsmanager:GetSecretValue"], sorted(set(arns)))
                )
            )
        return self._role("execution", statements)

    def _task_role(self) -> iam.Role:
        """What the program itself may do: what it is bound to, nothing else."""
        return self._role("task", [one for binding in self.args.bindings for one in binding.statements])

    def _task_definition(self) -> ecs.TaskDefinition:
        task = self.args.task
        ephemeral = None
        if task.ephemeral_storage > FREE_EPHEMERAL_GIB:
            ephemeral = ecs.TaskDefinitionEphemeralStorageArgs(size_in_gib=task.ephemeral_storage)
        return ecs.TaskDefinition(
            self.name,
            family=self.name,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(task.cpu),
            memory=str(task.memory),
            runtime_platform=ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=task.architecture.upper(), operating_system_family="LINUX"
            ),
            ephemeral_storage=ephemeral,
            execution_role_arn=self._execution_role().arn,
            task_role_arn=self._task_role().arn,
            container_definitions=self._container_definitions(),
            opts=self.child(),
        )

    def _container_definitions(self) -> pulumi.Output[str]:
        task, entrance = self.args.task, self.args.entrance
        variables: dict[str, pulumi.Input[str]] = {}
        secrets: dict[str, pulumi.Input[str]] = {}
        for binding in self.args.bindings:
            variables |= binding.variables
            secrets |= binding.secrets
        values = pulumi.Output.all(
            image=task.image,
            log_group=self.log_group.name,
            environment={**variables, **task.environment},
            # What the specification says itself wins; ECS refuses a name that is both.
            secrets={name: where for name, where in secrets.items() if name not in task.environment},
        )

        def text(given: dict[str, Any]) -> str:
            environment, secrets = given["environment"], given["secrets"]
            container: dict[str, Any] = {
                "name": "app",
                "image": given["image"],
                "essential": True,
                "environment": [{"name": key, "value": environment[key]} for key in sorted(environment)],
                "stopTimeout": task.stop_timeout,
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": given["log_group"],
                        "awslogs-region": self.args.region,
                        "awslogs-stream-prefix": "app",
                    },
                },
            }
            if secrets:
                container["secrets"] = [{"name": key, "valueFrom": secrets[key]} for key in sorted(secrets)]
            if task.command:
                container["command"] = list(task.command)
            if entrance is not None:
                container["portMappings"] = [{"containerPort": entrance.port, "protocol": "tcp"}]
            return json.dumps([container])

        return values.apply(text)

    def _target_groups(self) -> dict[Colour, lb.TargetGroup]:
        entrance = self.args.entrance
        if entrance is None:
            return {}
        health = entrance.health
        return {
            colour: lb.TargetGroup(
                auto_named(f"{self.name}-{colour}"),
                port=entrance.port,
                protocol="HTTP",
                target_type="ip",
                vpc_id=self.args.vpc_id,
                deregistration_delay=entrance.deregistration_delay,
                health_check=lb.TargetGroupHealthCheckArgs(
                    enabled=True,
                    path=health.path,
                    protocol="HTTP",
                    interval=health.interval,
                    timeout=health.timeout,
                    healthy_threshold=health.healthy_threshold,
                    unhealthy_threshold=health.unhealthy_threshold,
                    matcher=health.codes,
                ),
                opts=self.child(),
            )
            for colour in Colour
        }

    def _listener_rule(self, target_groups: Mapping[Colour, lb.TargetGroup]) -> lb.ListenerRule | None:
        entrance = self.args.entrance
        if entrance is None:
            return None
        weighted = [
            lb.ListenerRuleActionForwardTargetGroupArgs(
                arn=target_groups[colour].arn, weight=100 if colour is self.args.active else 0
            )
            for colour in Colour
        ]
        return lb.ListenerRule(
            self.name,
            listener_arn=entrance.listener_arn,
            priority=entrance.priority,
            conditions=[
                lb.ListenerRuleConditionArgs(
                    path_pattern=lb.ListenerRuleConditionPathPatternArgs(values=_path_patterns(entrance.path))
                )
            ],
            actions=[
                lb.ListenerRuleActionArgs(
                    type="forward",
                    forward=lb.ListenerRuleActionForwardArgs(target_groups=weighted),
                )
            ],
            opts=self.child(ignore_changes=["actions[*].forward.targetGroups[*].weight"]),
        )

    def _service(
        self, colour: Colour, target_group: lb.TargetGroup | None, rule: lb.ListenerRule | None
    ) -> ecs.Service:
        entrance = self.args.entrance
        load_balancers = None
        if target_group is not None and entrance is not None:
            load_balancers = [
                ecs.ServiceLoadBalancerArgs(
                    container_name="app", container_port=entrance.port, target_group_arn=target_group.arn
                )
            ]
        return ecs.Service(
            f"{self.name}-{colour}",
            name=f"{self.name}-{colour}",
            cluster=self.args.cluster_arn,
            task_definition=self.task_definition.arn,
            desired_count=self.args.count if colour is self.args.active else 0,
            launch_type="FARGATE",
            propagate_tags="SERVICE",
            enable_ecs_managed_tags=True,
            deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            network_configuration=ecs.ServiceNetworkConfigurationArgs(
                subnets=self.args.subnet_ids,
                security_groups=[
                    self.security_group.id,
                    *(group for binding in self.args.bindings for group in binding.security_groups),
                ],
                assign_public_ip=self.args.public,
            ),
            load_balancers=load_balancers,
            health_check_grace_period_seconds=entrance.grace_period if entrance is not None else None,
            # A target group must hang on a listener before ECS accepts it.
            opts=self.child(depends_on=[*self._permissions, *([rule] if rule is not None else [])]),
        )


def _path_patterns(path: str) -> list[str]:
    if path == "/":
        return ["/*"]
    return [path.rstrip("/"), f"{path.rstrip('/')}/*"]


def _policy(statements: Sequence[object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


_ASSUMED_BY_TASKS = {
    "Effect": "Allow",
    "Action": ["sts:AssumeRole"],
    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
}
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
