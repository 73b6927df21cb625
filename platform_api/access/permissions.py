"""What there is to be allowed, and which role allows it. The one place where that is decided."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum, auto
from typing import Annotated, Final

from pydantic import Field

from cygni.errors import PermissionDenied


class Role(StrEnum):
    """On an organisation or a project; each may all that the one before it may."""

    VIEWER = auto()
    DEVELOPER = auto()
    ADMIN = auto()
    OWNER = auto()


class Permission(StrEnum):
    """Named `THING:WHAT`; custom roles and scopes of API keys are made of them."""

    PROJECT_READ = "project:read"
    PROJECT_CREATE = "project:create"
    PROJECT_UPDATE = "project:update"
    PROJECT_DELETE = "project:delete"
    ENVIRONMENT_READ = "environment:read"
    ENVIRONMENT_MANAGE = "environment:manage"
    DEPLOYMENT_READ = "deployment:read"
    DEPLOYMENT_CREATE = "deployment:create"
    DEPLOYMENT_APPROVE = "deployment:approve"
    DOMAIN_READ = "domain:read"
    DOMAIN_MANAGE = "domain:manage"
    SECRET_LIST = "secret:list"
    SECRET_WRITE = "secret:write"
    SECRET_READ = "secret:read"
    MEMBER_READ = "member:read"
    MEMBER_MANAGE = "member:manage"
    API_KEY_MANAGE = "api_key:manage"
    WEBHOOK_MANAGE = "webhook:manage"
    NOTIFICATION_MANAGE = "notification:manage"
    AUDIT_READ = "audit:read"
    ORGANIZATION_READ = "organization:read"
    ORGANIZATION_UPDATE = "organization:update"
    ORGANIZATION_DELETE = "organization:delete"
    USAGE_READ = "usage:read"
    USAGE_WRITE = "usage:write"
    BILLING_MANAGE = "billing:manage"


Permissions = Annotated[list[Permission], Field(min_length=1, max_length=len(Permission))]
"""What requests give. A list, since a set counts only what is right, so that any number of others could be sent."""

_P = Permission
_VIEWER = frozenset(
    {
        _P.PROJECT_READ,
        _P.ENVIRONMENT_READ,
        _P.DEPLOYMENT_READ,
        _P.DOMAIN_READ,
        _P.SECRET_LIST,
        _P.MEMBER_READ,
        _P.ORGANIZATION_READ,
        _P.USAGE_READ,
    }
)
_DEVELOPER = _VIEWER | {_P.DEPLOYMENT_CREATE, _P.SECRET_WRITE}
_ADMIN = _DEVELOPER | {
    _P.PROJECT_CREATE,
    _P.PROJECT_UPDATE,
    _P.ENVIRONMENT_MANAGE,
    _P.DEPLOYMENT_APPROVE,
    _P.DOMAIN_MANAGE,
    _P.SECRET_READ,
    _P.MEMBER_MANAGE,
    _P.API_KEY_MANAGE,
    _P.WEBHOOK_MANAGE,
    _P.NOTIFICATION_MANAGE,
    _P.AUDIT_READ,
    _P.ORGANIZATION_UPDATE,
}
_OWNER = _ADMIN | {_P.PROJECT_DELETE, _P.ORGANIZATION_DELETE, _P.USAGE_WRITE, _P.BILLING_MANAGE}

MATRIX: Final[dict[Role, frozenset[Permission]]] = {
    Role.VIEWER: _VIEWER,
    Role.DEVELOPER: _DEVELOPER,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _OWNER,
}
"""A viewer views; a developer also deploys, rolls back and manages secrets; an admin also manages team and settings;
an owner also manages billing and deletes."""


def known_permissions(names: Iterable[str]) -> frozenset[Permission]:
    """What this version does not know is left out."""
    return frozenset(Permission(one) for one in names if one in set(Permission))


def is_built_in(role: str) -> bool:
    """Whether it is a role of every organisation, and none that one made."""
    return role in set(Role)


def require_giving(
    permissions: frozenset[Permission], given: frozenset[Permission], role: str | None
) -> None:
    """Nobody makes, gives or takes a role that allows more than their own `permissions`: `given` is what it allows.
    Raises PermissionDenied."""
    if missing := given - permissions:
        raise PermissionDenied(
            f"only somebody who may as much gives or takes the role {role}",
            details={"missing": sorted(missing)},
        )
