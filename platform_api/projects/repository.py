"""Queries for the projects of one organisation: its id is in each, and row-level security is the second line."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cygni.errors import NotFound, WorldChanged
from platform_api.accounts.models import User
from platform_api.organizations.models import FoundOrganization
from platform_api.projects.models import FoundProject, Project, ProjectMember, ProjectName


@dataclass(frozen=True, slots=True)
class Visible:
    """Which projects somebody sees: `everything`, those that `member` is in, or the one an API key is for, if any."""

    everything: bool = False

    member: uuid.UUID | None = None
    only: uuid.UUID | None = None


async def only_project(
    session: AsyncSession, organization: FoundOrganization, slug: str | None
) -> uuid.UUID | None:
    """The id of the one project that something is kept to; None where it is for all. Raises NotFound."""
    if slug is None:
        return None
    found = await Projects(session, organization.id).named(slug)
    if found is None:
        raise NotFound(f"there is no project {slug!r} in {organization.slug!r}")
    return found.id


class Projects:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def named(self, slug: str) -> FoundProject | None:
        query = select(*(getattr(Project, one.name) for one in fields(FoundProject))).where(
            col(Project.organization_id) == self._organization, col(Project.slug) == slug
        )
        row = (await self._session.execute(query)).one_or_none()
        return FoundProject(*row) if row else None

    async def count(self) -> int:
        query = select(sa.func.count()).where(col(Project.organization_id) == self._organization)
        return await self._session.scalar(query) or 0

    async def take_name(self, slug: str) -> bool:
        """Whether it is the organisation's from now on, or was already; what other organisations have is not seen."""
        wanted = insert(ProjectName).values(organization_id=self._organization, slug=slug)
        await self._session.execute(wanted.on_conflict_do_nothing())
        mine = select(ProjectName).where(
            col(ProjectName.organization_id) == self._organization, col(ProjectName.slug) == slug
        )
        return await self._session.scalar(mine) is not None

    async def locked(self, project: FoundProject) -> Project:
        """To be changed: nobody else does until this transaction ends. Raises WorldChanged where it is gone."""
        found = await self._session.get(Project, project.id, with_for_update=True)
        if found is None:
            raise WorldChanged(f"the project {project.slug!r} was deleted at the same moment")
        return found

    async def page(self, visible: Visible, after: str | None, size: int) -> Sequence[Project]:
        """In the order of their slugs, from the one after `after`."""
        query = select(Project).where(col(Project.organization_id) == self._organization)
        if visible.member is not None:
            mine = select(ProjectMember.project_id).where(
                col(ProjectMember.organization_id) == self._organization,
                col(ProjectMember.user_id) == visible.member,
            )
            query = query.where(col(Project.id).in_(mine))
        elif not visible.everything:
            query = query.where(col(Project.id) == visible.only)
        if after is not None:
            query = query.where(col(Project.slug) > after)
        return (await self._session.scalars(query.order_by(col(Project.slug)).limit(size))).all()

    async def member(self, project: uuid.UUID, user: uuid.UUID) -> ProjectMember | None:
        return await self._session.scalar(self._member(project, user))

    async def locked_member(self, project: uuid.UUID, user: uuid.UUID) -> ProjectMember | None:
        """Whose role nobody else changes or takes until this transaction ends."""
        query = self._member(project, user).with_for_update().execution_options(populate_existing=True)
        return await self._session.scalar(query)

    def _member(self, project: uuid.UUID, user: uuid.UUID) -> SelectOfScalar[ProjectMember]:
        return select(ProjectMember).where(
            col(ProjectMember.organization_id) == self._organization,
            col(ProjectMember.project_id) == project,
            col(ProjectMember.user_id) == user,
        )

    async def members(self, project: uuid.UUID) -> Sequence[tuple[ProjectMember, str]]:
        """Each with their email address, in the order of these."""
        query = (
            select(ProjectMember, User.email)
            .join(User, col(User.id) == col(ProjectMember.user_id))
            .where(
                col(ProjectMember.organization_id) == self._organization,
                col(ProjectMember.project_id) == project,
            )
            .order_by(col(User.email))
        )
        return [(member, email) for member, email in (await self._session.execute(query)).all()]

    def add(self, row: Project | ProjectMember) -> None:
        self._session.add(row)

    async def delete(self, row: Project | ProjectMember) -> None:
        await self._session.delete(row)
