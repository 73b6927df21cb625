"""Whose folder has the state of an environment, where states are in files of a worker.

Another worker's folder has none of it: a plan against an empty state makes everything a second time.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cygni.errors import PreflightFailed
from cygni.private_file import make_once
from platform_api.environments.models import Environment
from stacks.data_folder import unusable

_NAME = "state-home"


def state_home(folder: Path, environ: Mapping[str, str]) -> str | None:
    """What tells the `folder` of a worker from others, made where there is none; it goes with a copy of the folder.
    None where `CYGNI_STATE` says where states are. Raises StateError."""
    if environ.get("CYGNI_STATE"):
        return None
    file = folder / _NAME
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            make_once(file, str(uuid.uuid4()).encode())
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise unusable("read or write", file, error) from None


async def is_at_home(
    session: AsyncSession, environment: Environment, home: str | None, *, changes: bool
) -> bool:
    """Whether a worker with this `home` may work on the environment. The first that `changes` it has its state from
    then on."""
    if home is None:
        return True
    if environment.state_home is None and changes:
        await session.execute(
            sa.update(Environment)
            .where(col(Environment.id) == environment.id, col(Environment.state_home).is_(None))
            .values(state_home=home)
        )
        await session.refresh(environment)
    return environment.state_home in (None, home)


def demand_home(environment: str, *, at_home: bool) -> None:
    """Raises PreflightFailed where another worker has the state."""
    if not at_home:
        raise PreflightFailed(
            f"the state of {environment} is in files of another worker, and this one would make everything again",
            hint="Move the state to where every worker reaches it and set CYGNI_STATE of all of them to that "
            "(PostgreSQL or S3), or run one worker, with the folder of the one that deployed it.",
        )
