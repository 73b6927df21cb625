"""What a route asks for: a permission in the organisation, or in the project, of its path."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from cygni.errors import PermissionDenied
from platform_api.access.caller import Access, ProjectAccess, access, project_access
from platform_api.access.permissions import MATRIX, Permission
from platform_api.access.refusals import remember


class Allowed:
    """A dependency: the access of a caller who has `permission` in the organisation. Raises PermissionDenied.

    It waits for nothing, and is `async` all the same: FastAPI calls what is not in a thread.
    """

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request, found: Annotated[Access, Depends(access)]) -> Access:
        require(request, found, self.permission)
        return found


class AllowedInProject:
    """A dependency: the access of a caller who has `permission` in the project. Raises PermissionDenied."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(
        self, request: Request, found: Annotated[ProjectAccess, Depends(project_access)]
    ) -> ProjectAccess:
        require(request, found, self.permission)
        return found


def require(request: Request, found: Access | ProjectAccess, permission: Permission) -> None:
    """Raises PermissionDenied, which the audit log will have, as it will what is refused after it."""
    remember(request, found, permission)
    if permission not in found.permissions:
        raise PermissionDenied(
            f"this needs the permission {permission}",
            hint=_who_gives(permission, to_key=found.caller.api_key is not None),
            details={"permission": permission},
        )


def _who_gives(permission: Permission, *, to_key: bool) -> str:
    if to_key:
        return (
            f"Replace the key by one that has it too: cx token create NAME --scope {permission} --scope ...\n"
            "A key may no more than whoever made it."
        )
    roles = ", ".join(role for role, allowed in MATRIX.items() if permission in allowed)
    return (
        f"Roles that allow it: {roles}; cx role list shows others. "
        "An owner gives you one: cx member set-role EMAIL ROLE"
    )
