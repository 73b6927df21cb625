"""The one Pulumi project; stacks are told apart by their names (`hello.staging.services`)."""

PULUMI_PROJECT = "cygni"
