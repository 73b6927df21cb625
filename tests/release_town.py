"""A town in which some versions have been deployed, one after the other."""

from __future__ import annotations

from cygni.releases.settings import ReleaseSettings
from tests.release_world import Town

WEB = ReleaseSettings(count=2, bake=20.0, warm=600.0)
WORKER = ReleaseSettings(count=1, takes_traffic=False, bake=20.0, warm=0.0)


def town(*versions: str, **settings: ReleaseSettings) -> Town:
    """One where these versions have been deployed, one after the other."""
    made = Town(settings or {"web": WEB})
    for version in versions:
        made.runs(version)
    return made


def done(where: Town) -> list[str]:
    return [operation.partition(": ")[2] for operation in where.cloud.operations]
