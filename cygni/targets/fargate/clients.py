"""The AWS clients of one environment, and what their errors mean."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from cygni.errors import CREDENTIALS_HINT, AuthError, CygniError, NotFound, ResourceFailed, Unreachable

_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 3, 15, 5
_IMPATIENT_SECONDS, _IMPATIENT_ATTEMPTS = 5, 2
_POOL = 16
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
"""Codes of errors with which AWS does not know, or does not allow, the caller."""
_GONE = frozenset(
    {
        "ClusterNotFoundException",
        "ServiceNotFoundException",
        "ServiceNotActiveException",
        "ResourceNotFoundException",
        "RuleNotFound",
        "RuleNotFoundException",
        "TargetGroupNotFound",
        "TargetGroupNotFoundException",
        "ObjectNotFoundException",
    }
)
_LATER = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""What AWS answers where the same call may do well later (common errors of its APIs; botocore's own retries)."""
_SERVER_ERROR = 500
_SIGNATURES = {"s3": "s3v4"}
"""Of services where botocore takes another: S3 refuses addresses signed by version 2 for newer buckets and regions."""


class Clients:
    """botocore's clients by service, each made once, safe in threads.

    `variables` are those of the AWS SDK that the environment sets (stacks.target.cloud_variables); what they leave out
    comes from the caller's own environment and files. Without `patient` a cloud that does not answer is given up soon.
    """

    def __init__(self, variables: Mapping[str, str], *, patient: bool = True) -> None:
        self._variables = variables
        self._patient = patient
        self._made: dict[tuple[str, str | None], Any] = {}
        self._making = threading.Lock()

    def __call__(self, service: str, region: str | None = None) -> Any:
        """The client of a service, in the environment's region unless another is named."""
        region = region or self._variables.get("AWS_REGION")
        with self._making:
            key = (service, region)
            if key not in self._made:
                self._made[key] = self._make(service, region)
            return self._made[key]

    @cached_property
    def threads(self) -> ThreadPoolExecutor:
        """For calls that go out at the same time."""
        return ThreadPoolExecutor(max_workers=_POOL, thread_name_prefix="aws")

    @cached_property
    def _session(self) -> Any:
        from botocore.session import Session

        return Session()

    def _make(self, service: str, region: str | None) -> Any:
        from botocore.config import Config

        given = self._variables
        return self._session.create_client(
            service,
            region_name=region,
            endpoint_url=given.get("AWS_ENDPOINT_URL"),
            aws_access_key_id=given.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=given.get("AWS_SECRET_ACCESS_KEY"),
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS if self._patient else _IMPATIENT_SECONDS,
                retries={
                    "mode": "standard",
                    "total_max_attempts": _ATTEMPTS if self._patient else _IMPATIENT_ATTEMPTS,
                },
                max_pool_connections=_POOL,
                signature_version=_SIGNATURES.get(service),
            ),
        )


@contextmanager
def asking(doing: str) -> Iterator[None]:
    """Turns what AWS refuses into AuthError, NotFound or ResourceFailed, and that it cannot be asked into Unreachable
    (AuthError without credentials); `doing` begins the sentence that says so."""
    from botocore import exceptions as aws

    try:
        yield
    except aws.ClientError as error:
        raise _refused(doing, error) from None
    except (aws.HTTPClientError, aws.ConnectionError) as error:
        raise Unreachable(f"{doing}: {error}", hint=_AGAIN) from None
    except (
        aws.NoCredentialsError,
        aws.CredentialRetrievalError,
        aws.TokenRetrievalError,
        aws.SSOError,
    ) as error:
        raise AuthError(f"{doing}: {error}", hint=CREDENTIALS_HINT) from None
    except aws.BotoCoreError as error:
        raise ResourceFailed(f"{doing}: {error}", hint=_AGAIN) from None


_AGAIN = "What is recorded stays. Run the same command again: it goes on from there."


def _refused(doing: str, error: Any) -> CygniError:
    code = error.response.get("Error", {}).get("Code", "")
    said = f"{doing}: {error.response.get('Error', {}).get('Message') or error}"
    if code in DENIED:
        return AuthError(said, hint=CREDENTIALS_HINT)
    if code in _GONE:
        return NotFound(said, hint="Was it deleted outside of Cygni? Make it again with: cx deploy --refresh")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _LATER or status >= _SERVER_ERROR:
        return Unreachable(said, hint=_AGAIN, details={"code": code})
    return ResourceFailed(said, hint=_AGAIN, details={"code": code})
