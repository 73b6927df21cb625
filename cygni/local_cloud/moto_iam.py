"""Where moto's IAM differs from AWS in a way that the stacks meet; applied by moto_fixes.py."""

from __future__ import annotations

import functools
from typing import Any

from cygni.service_linked_roles import SERVICE_LINKED_ROLES


def fix() -> None:
    """moto cannot change which clients an OpenID Connect provider vouches for, and gives roles that are linked to
    services names of its own."""
    _name_linked_roles()
    from moto.core.responses import EmptyResult
    from moto.iam.responses import IamResponse

    def provider(response: Any) -> tuple[Any, str]:
        arn = response._get_param("OpenIDConnectProviderArn")  # noqa: SLF001
        return response.backend.get_open_id_connect_provider(arn), response._get_param("ClientID")  # noqa: SLF001

    def add_client_id_to_open_id_connect_provider(response: Any) -> Any:
        found, client_id = provider(response)
        if client_id not in found.client_id_list:
            found.client_id_list.append(client_id)
        return EmptyResult()

    def remove_client_id_from_open_id_connect_provider(response: Any) -> Any:
        found, client_id = provider(response)
        if client_id in found.client_id_list:
            found.client_id_list.remove(client_id)
        return EmptyResult()

    for operation in (
        add_client_id_to_open_id_connect_provider,
        remove_client_id_from_open_id_connect_provider,
    ):
        setattr(IamResponse, operation.__name__, operation)


def _name_linked_roles() -> None:
    from moto.iam.exceptions import InvalidInput
    from moto.iam.models import IAMBackend

    original = IAMBackend.create_service_linked_role

    @functools.wraps(original)
    def create_service_linked_role(backend: Any, service_name: str, description: str, suffix: str) -> Any:
        known = SERVICE_LINKED_ROLES.get(service_name)
        if known is None:
            return original(backend, service_name, description, suffix)
        if any(role.name == known.name for role in backend.roles.values()):
            raise InvalidInput(f"Service role name {known.name} has been taken in this account")
        role = original(backend, service_name, description, suffix)
        role.name = known.name
        return role

    IAMBackend.create_service_linked_role = create_service_linked_role
