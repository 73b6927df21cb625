"""Whose AWS account the caller's credentials open."""

from __future__ import annotations

from typing import Any

from cygni.errors import CREDENTIALS_HINT, AuthError

_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 5, 10, 2


def account_id(region: str) -> str:
    """The twelve digits of the account, from one STS GetCallerIdentity, which needs no permission.

    Credentials and endpoint are found as the AWS SDK finds them. Raises AuthError, also if AWS cannot be reached.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(_sts(region).get_caller_identity()["Account"])
    except (BotoCoreError, ClientError, ValueError) as error:
        raise AuthError(
            f"AWS did not say whose credentials these are: {error}", hint=CREDENTIALS_HINT
        ) from None


def _sts(region: str) -> Any:
    from botocore.config import Config
    from botocore.session import Session

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": _ATTEMPTS},
    )
    return Session().create_client("sts", region_name=region, config=config)
