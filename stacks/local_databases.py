"""What a deploy to the local cloud should know of this machine's PostgreSQL before it begins."""

from __future__ import annotations

from cygni.local_cloud.databases.installation import MISSING, installations
from cygni.spec import ProjectSpec
from cygni.spec.databases import Engine
from stacks.target import LOCAL, target_of


def unserved(spec: ProjectSpec) -> str:
    """Why databases of the project will not answer on the local cloud; empty where they will, or there are none."""
    if target_of(spec.environment) != LOCAL:
        return ""
    served = [name for name, one in spec.databases.items() if one.engine is Engine.POSTGRES]
    return f"{', '.join(sorted(served))} will not answer: {MISSING}" if served and not installations() else ""
