"""What a specification may ask for that Cygni does not do yet, so that a plan says so (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from cygni.spec import ProjectSpec
from stacks.target import LOCAL, target_of


def not_yet(spec: ProjectSpec) -> Iterator[str]:
    """One warning for each thing that is accepted and has no effect yet, with the services it is about."""
    built = [(name, one.build) for name, one in sorted(spec.services.items()) if one.build is not None]
    if target_of(spec.environment) == LOCAL:
        if others := [f"{name} ({build.tag})" for name, build in built if not build.made_locally]:
            yield (
                "an image whose tag is in cygni.yaml, without `build.start`, has to be on the local cloud already: "
                + ", ".join(others)
            )
    elif others := [f"{name} ({build.tag})" for name, build in built if build.tag_is_written]:
        yield (
            "images whose tag is in cygni.yaml are expected in ECR; until they are there, as by cx build --push, "
            f"their tasks cannot start: {', '.join(others)}"
        )
