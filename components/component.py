"""What every component shares: its token, its parent for children, and the tags nobody can forget."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

import pulumi

from cygni.naming import required_tags


class Component(pulumi.ComponentResource):
    """A group of resources behind one name. Subclasses set `token` as `cygni:<area>:<Name>`.

    Children take `opts=self.child()`; a subclass ends its `__init__` with `self.register_outputs(...)`.
    """

    token: str

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(self.token, name, None, opts)

    def child(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, **options)


def tag_everything(stack: str, project: str, environment: str) -> None:
    """Adds the required tags to every resource of the running program that can carry tags.

    A resource's own tags win over none of them: the required ones are how Cygni finds what it made.
    """

    def add_tags(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not _takes_tags(type(args.resource)):
            return None
        own: Mapping[str, Any] = args.props.get("tags") or {}
        tags = {**own, **required_tags(stack, project, environment, args.type_, args.name)}
        return pulumi.ResourceTransformationResult(props={**args.props, "tags": tags}, opts=args.opts)

    pulumi.runtime.register_stack_transformation(add_tags)


@functools.cache
def _takes_tags(resource: type[pulumi.Resource]) -> bool:
    constructor = getattr(resource, "_internal_init", None)
    return constructor is not None and "tags" in inspect.signature(constructor).parameters
