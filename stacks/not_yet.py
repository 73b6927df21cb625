"""What a specification may ask for that Cygni does not do yet, so that a plan says so (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from cygni.spec import ProjectSpec, StandingService, Strategy


def not_yet(spec: ProjectSpec) -> Iterator[str]:
    """One warning for each thing that is accepted and has no effect yet, with the services it is about."""
    built = [f"{name} ({one.build.tag})" for name, one in sorted(spec.services.items()) if one.build]
    if built:
        yield (
            "Cygni does not build images yet: it makes the ECR repository and expects the tag to be pushed there; "
            f"until then the tasks cannot start: {', '.join(built)}"
        )
    done_now = (Strategy.BLUE_GREEN, Strategy.ROLLING)  # the default, and what is done today
    waiting = [
        f"{name} ({one.strategy})"
        for name, one in sorted(spec.services.items())
        if isinstance(one, StandingService) and one.strategy not in done_now
    ]
    if waiting:
        yield (
            "the strategy takes effect when releases come: until then ECS replaces the tasks a few at a time "
            f"(rolling): {', '.join(waiting)}"
        )
