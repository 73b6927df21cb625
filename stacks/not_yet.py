"""What a specification may ask for that Cygni does not do yet, so that a plan says so (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from cygni.spec import ProjectSpec
from stacks.target import LOCAL, target_of


def not_yet(spec: ProjectSpec) -> Iterator[str]:
    """One warning for each thing that is accepted and has no effect yet, with the services it is about."""
    local = target_of(spec.environment) == LOCAL
    built = [
        f"{name} ({one.build.tag})"
        for name, one in sorted(spec.services.items())
        if one.build and not (local and one.build.start)
    ]
    if built:
        yield (
            "Cygni does not build images yet: it makes the ECR repository and expects the tag to be pushed there; "
            f"until then the tasks cannot start: {', '.join(built)}"
        )
