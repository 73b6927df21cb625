"""What every component shares: its token, its parent for children, and the tags nobody can forget."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, cast

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

    They win over a resource's own tags of the same name: they are how Cygni finds what it made.
    """
    taggable: dict[type[pulumi.Resource], bool] = {}

    def add_tags(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        kind = type(args.resource)
        if kind not in taggable:
            taggable[kind] = _takes_tags(kind)
        if not taggable[kind]:
            return None
        own = cast("Mapping[str, Any]", args.props.get("tags") or {})
        tags = {**own, **required_tags(stack, project, environment, args.type_, args.name)}
        return pulumi.ResourceTransformationResult(props={**args.props, "tags": tags}, opts=args.opts)

    pulumi.runtime.register_stack_transformation(add_tags)


def _takes_tags(resource: type[pulumi.Resource]) -> bool:
    constructor = getattr(resource, "_internal_init", None)
    return constructor is not None and "tags" in inspect.signature(constructor).parameters
