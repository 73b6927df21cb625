"""What the errors of AWS are to Cygni."""

from __future__ import annotations

import pytest
from botocore import exceptions as aws

from cygni.errors import AuthError, CygniError, NotFound, ResourceFailed, Unreachable
from cygni.targets.fargate.clients import asking


def refusal(code: str, status: int = 400) -> aws.ClientError:
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return aws.ClientError(answer, "DescribeServices")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refusal("ThrottlingException"), Unreachable),
        (refusal("SomethingElse", 503), Unreachable),
        (refusal("AccessDeniedException"), AuthError),
        (refusal("RuleNotFound"), NotFound),
        (refusal("InvalidParameterException"), ResourceFailed),
        (aws.EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), Unreachable),
        (aws.ReadTimeoutError(endpoint_url="http://127.0.0.1:9"), Unreachable),
        (aws.ConnectionClosedError(endpoint_url="http://127.0.0.1:9"), Unreachable),
        (aws.NoCredentialsError(), AuthError),
        (aws.CredentialRetrievalError(provider="sso", error_msg="expired"), AuthError),
        (aws.ParamValidationError(report="no"), ResourceFailed),
    ],
    ids=lambda one: getattr(one, "__name__", type(one).__name__),
)
def test_tells_what_may_do_well_later_from_what_never_will(error: Exception, kind: type[CygniError]) -> None:
    with pytest.raises(CygniError) as caught, asking("the state is not known"):
        raise error
    assert type(caught.value) is kind
    assert caught.value.message.startswith("the state is not known: ")
