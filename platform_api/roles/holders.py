"""Who has a role of an organisation's own, and how each of them gives it up."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import WrongState
from platform_api.accounts.models import User
from platform_api.invitations.models import Invitation
from platform_api.organizations.models import OrganizationMember
from platform_api.projects.models import Project, ProjectMember

MOST = 5
"""So many of each kind are told."""


@dataclass(frozen=True, slots=True)
class Holders:
    """Addresses of people, in the order of these: of members, of those who have it in a project (with its name), and
    of guests who may still come. Each has one more than `MOST` where there are more."""

    members: Sequence[str]
    in_projects: Sequence[tuple[str, str]]
    guests: Sequence[str]

    def require_none(self, role: str) -> None:
        """Raises WrongState, which says how each kind gives the role up."""
        said = [
            *_some(self.members),
            *_some([f"{email} in {project}" for email, project in self.in_projects]),
            *_some([f"{email}, who is invited" for email in self.guests]),
        ]
        if not said:
            return
        ways = (
            (self.members, "give a member another one: cx member set-role EMAIL ROLE"),
            (self.in_projects, "take it back in a project: cx role revoke EMAIL --project PROJECT"),
            (self.guests, "withdraw an invitation: cx member withdraw EMAIL"),
        )
        hint = "; ".join(way for holders, way in ways if holders)
        raise WrongState(
            f"somebody has the role {role}: {'; '.join(said)}",
            hint=f"{hint[0].upper()}{hint[1:]}",
            details={name: list(found[:MOST]) for name, found in asdict(self).items()},
        )


def _some(told: Sequence[str]) -> Sequence[str]:
    return told if len(told) <= MOST else [*told[:MOST], "and others"]


async def holders(session: AsyncSession, organization: uuid.UUID, role: str, now: datetime) -> Holders:
    members = (
        select(User.email)
        .join(OrganizationMember, col(OrganizationMember.user_id) == col(User.id))
        .where(col(OrganizationMember.organization_id) == organization, col(OrganizationMember.role) == role)
        .order_by(col(User.email))
    )
    in_projects = (
        select(User.email, Project.slug)
        .join(ProjectMember, col(ProjectMember.user_id) == col(User.id))
        .join(Project, col(Project.id) == col(ProjectMember.project_id))
        .where(col(ProjectMember.organization_id) == organization, col(ProjectMember.role) == role)
        .order_by(col(User.email), col(Project.slug))
    )
    guests = (
        select(Invitation.email)
        .where(
            col(Invitation.organization_id) == organization,
            col(Invitation.role) == role,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.expires_at) > now,
        )
        .order_by(col(Invitation.email))
    )
    found = await session.execute(in_projects.limit(MOST + 1))
    return Holders(
        (await session.scalars(members.limit(MOST + 1))).all(),
        [(email, project) for email, project in found.all()],
        (await session.scalars(guests.limit(MOST + 1))).all(),
    )
