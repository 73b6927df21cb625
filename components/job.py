"""What runs once, when it is asked to, on ECS Fargate."""

from __future__ import annotations

import pulumi

from components.component import Component
from components.task import FargateArgs, Task


class Job(Component):
    """Log group, roles, security group and task definition: all that ECS RunTask needs.

    Nothing runs and nothing is billed until a task is started. Output: `task`.
    """

    token = "cygni:compute:Job"

    def __init__(self, name: str, args: FargateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.task = Task(self, name, args)
        self.register_outputs(self.task.outputs)
