"""What runs on a schedule and ends, on ECS Fargate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam, scheduler, sqs

from components.binding import Statement, allow
from components.component import Component
from components.task import FargateArgs, Task, policy, role_policy
from cygni.naming import ROLE_NAME_LIMIT, auto_named

_FOURTEEN_DAYS = 14 * 24 * 60 * 60
"""Seconds; the longest that SQS keeps a message (SQS quota)."""


@dataclass(frozen=True, kw_only=True)
class ScheduleArgs:
    """When a task runs: `expression` as EventBridge Scheduler takes it, in `timezone` (IANA).

    A run may start up to `flexible_window` minutes late (0: none). One that cannot be started is tried `retries`
    times more within `retry_for` seconds, and then kept in the queue that is made with the name `dead_letters`, if
    one is given. `name` is that of the schedule in its group, which has `group_name` and `group_arn`.
    """

    name: str
    group_name: pulumi.Input[str]
    group_arn: pulumi.Input[str]
    expression: str
    timezone: str
    flexible_window: int
    retries: int
    retry_for: int
    enabled: bool
    dead_letters: str | None = None


@dataclass(frozen=True, kw_only=True)
class CronArgs(FargateArgs):
    """A task and when it runs."""

    schedule: ScheduleArgs


class ScheduleGroup(Component):
    """The group that an environment's schedules are in, which carries their tags: a schedule itself has none."""

    token = "cygni:compute:ScheduleGroup"

    def __init__(self, name: str, group_name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.group = scheduler.ScheduleGroup(name, name=group_name, opts=self.child())
        self.register_outputs({"arn": self.group.arn})


class Cron(Component):
    """What a task needs, a schedule that starts it, and the role the schedule has for that.

    The role may start this task definition in this cluster, hand over the task's own roles, and nothing else; only
    schedules of the group may take it. Outputs: `task`, `schedule`.
    """

    token = "cygni:compute:Cron"

    def __init__(self, name: str, args: CronArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.args = args
        self.task = Task(self, name, args)
        self.dead_letters = self._dead_letters()
        role, permission = self._role()
        self.schedule = self._schedule(role, permission)
        self.register_outputs({**self.task.outputs, "scheduleArn": self.schedule.arn})

    def _dead_letters(self) -> sqs.Queue | None:
        name = self.args.schedule.dead_letters
        if name is None:
            return None
        return sqs.Queue(
            f"{self.name}-dead",
            name=name,
            message_retention_seconds=_FOURTEEN_DAYS,
            sqs_managed_sse_enabled=True,
            opts=self.child(),
        )

    def _role(self) -> tuple[iam.Role, iam.RolePolicy]:
        name = f"{self.name}-schedule"
        role = iam.Role(
            auto_named(name, ROLE_NAME_LIMIT),
            assume_role_policy=pulumi.Output.from_input(self.args.schedule.group_arn).apply(_taken_by),
            opts=self.child(),
        )
        return role, role_policy(self, name, role, self._statements())

    def _statements(self) -> Sequence[pulumi.Input[Statement]]:
        task, cluster = self.task, pulumi.Output.from_input(self.args.cluster_arn)
        roles = pulumi.Output.all(task.execution_role.arn, task.role.arn)
        statements: list[pulumi.Input[Statement]] = [
            pulumi.Output.all(task.definition.arn_without_revision, cluster).apply(
                # Any revision: the policy changes before or after the schedule, never in the same instant.
                lambda arns: allow(["ecs:RunTask"], [f"{arns[0]}:*"], {"ArnEquals": {"ecs:cluster": arns[1]}})
            ),
            roles.apply(lambda arns: allow(["iam:PassRole"], sorted(arns), _TO_TASKS)),
            cluster.apply(lambda arn: allow(["ecs:TagResource"], [_tasks_of(arn)], _WHEN_STARTED)),
        ]
        if self.dead_letters is not None:
            statements.append(self.dead_letters.arn.apply(lambda arn: allow(["sqs:SendMessage"], [arn])))
        return statements

    def _schedule(self, role: iam.Role, permission: iam.RolePolicy) -> scheduler.Schedule:
        args, window = self.args.schedule, self.args.schedule.flexible_window
        return scheduler.Schedule(
            self.name,
            name=args.name,
            group_name=args.group_name,
            description=f"Runs {self.name}",
            schedule_expression=args.expression,
            schedule_expression_timezone=args.timezone,
            state="ENABLED" if args.enabled else "DISABLED",
            flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(
                mode="FLEXIBLE" if window else "OFF", maximum_window_in_minutes=window or None
            ),
            target=self._target(role),
            opts=self.child(depends_on=[permission, *self.task.permissions]),
        )

    def _target(self, role: iam.Role) -> scheduler.ScheduleTargetArgs:
        args = self.args
        dead_letter = None
        if self.dead_letters is not None:
            dead_letter = scheduler.ScheduleTargetDeadLetterConfigArgs(arn=self.dead_letters.arn)
        return scheduler.ScheduleTargetArgs(
            arn=args.cluster_arn,
            role_arn=role.arn,
            ecs_parameters=scheduler.ScheduleTargetEcsParametersArgs(
                task_definition_arn=self.task.definition.arn,
                task_count=1,
                launch_type="FARGATE",
                propagate_tags="TASK_DEFINITION",
                enable_ecs_managed_tags=True,
                network_configuration=scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs(
                    subnets=args.subnet_ids,
                    security_groups=self.task.security_groups,
                    assign_public_ip=args.public,
                ),
            ),
            retry_policy=scheduler.ScheduleTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=args.schedule.retry_for,
                maximum_retry_attempts=args.schedule.retries,
            ),
            dead_letter_config=dead_letter,
        )


def _taken_by(group_arn: str) -> str:
    """Who may take the role: EventBridge Scheduler, for schedules of the group."""
    return json.dumps(
        policy(
            [
                {
                    "Effect": "Allow",
                    "Action": ["sts:AssumeRole"],
                    "Principal": {"Service": "scheduler.amazonaws.com"},
                    "Condition": {"StringEquals": {"aws:SourceArn": group_arn}},
                }
            ]
        )
    )


def _tasks_of(cluster_arn: str) -> str:
    return f"{cluster_arn.replace(':cluster/', ':task/')}/*"


_TO_TASKS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
_WHEN_STARTED = {"StringEquals": {"ecs:CreateAction": "RunTask"}}
