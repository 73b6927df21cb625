"""Where moto's IAM differs from AWS in a way that the stacks meet; applied by moto_fixes.py."""

from __future__ import annotations

from typing import Any


def fix() -> None:
    """moto cannot change which clients an OpenID Connect provider vouches for."""
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
