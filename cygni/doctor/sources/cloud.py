"""The cloud that checks ask, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cygni.doctor.facts import Fact
from cygni.errors import AuthError, CygniError


class Clients(Protocol):
    """AWS clients by service, of the environment's region unless another is named."""

    def __call__(self, service: str, region: str | None = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Cloud:
    """`local` says that it is the local cloud, which takes any credentials and has no quotas."""

    clients: Clients
    region: str
    local: bool


CLOUD: Final = Fact[Cloud]("cloud", "the cloud")


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turns what AWS or the way to it refuses into a CygniError; `what` begins the sentence.

    Raises AuthError where the caller is not known or not allowed.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    from cygni.targets.fargate.clients import DENIED

    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        text = f"{what}: {said.get('Message') or error}"
        if said.get("Code") in DENIED:
            raise AuthError(text, details={"code": said.get("Code")}) from None
        raise CygniError(text, details={"code": said.get("Code")}) from None
    except BotoCoreError as error:
        raise CygniError(f"{what}: {error}") from None
