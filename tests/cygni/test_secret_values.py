from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cygni.secret_references import Reference, reference
from cygni.secret_values import SecretMissing, fetch

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/team/key"
Aws = Callable[..., Any]


@pytest.mark.parametrize(
    ("value_from", "found"),
    [
        (ARN, Reference("secretsmanager", "eu-west-1", ARN)),
        (f"{ARN}:password::", Reference("secretsmanager", "eu-west-1", ARN, "password")),
        (
            f"{ARN}:password:AWSPREVIOUS:",
            Reference("secretsmanager", "eu-west-1", ARN, "password", "AWSPREVIOUS"),
        ),
        (f"{ARN}:::v1", Reference("secretsmanager", "eu-west-1", ARN, "", "", "v1")),
        (PARAMETER, Reference("ssm", "eu-west-1", PARAMETER)),
        ("/team/key", Reference("ssm", "us-east-1", "/team/key")),
        ("key", Reference("ssm", "us-east-1", "key")),
    ],
)
def test_a_reference_is_read_as_ecs_reads_it(value_from: str, found: Reference) -> None:
    assert reference(value_from, "us-east-1") == found


class TestFetch:
    @pytest.fixture
    def secret(self, aws: Aws) -> Any:
        made = aws("secretsmanager").create_secret(
            Name="fetched", SecretString=json.dumps({"user": "me", "port": 5432})
        )
        yield made["ARN"]
        aws("secretsmanager").delete_secret(SecretId=made["ARN"], ForceDeleteWithoutRecovery=True)

    def value(self, aws: Aws, value_from: str) -> str:
        return fetch(reference(value_from, "us-east-1"), aws)

    def test_gives_a_secret_whole_or_one_key_of_it(self, aws: Aws, secret: str) -> None:
        assert json.loads(self.value(aws, secret))["user"] == "me"
        assert self.value(aws, f"{secret}:user::") == "me"
        assert self.value(aws, f"{secret}:port::") == "5432"
        assert self.value(aws, f"{secret}:user:AWSCURRENT:") == "me"

    @pytest.mark.parametrize("kind", ["String", "SecureString"])
    def test_gives_a_parameter_by_its_name_or_arn(self, aws: Aws, kind: str) -> None:
        ssm = aws("ssm")
        for name in (f"/team/{kind}", f"plain-{kind}"):
            ssm.put_parameter(Name=name, Value="v", Type=kind)
            arn = ssm.get_parameter(Name=name)["Parameter"]["ARN"]
            assert self.value(aws, name) == self.value(aws, arn) == "v"

    @pytest.mark.parametrize(
        ("missing", "why"),
        [
            (f"{ARN.replace('eu-west-1', 'us-east-1')}", "ResourceNotFoundException"),
            ("/no/such", "ParameterNotFound"),
        ],
    )
    def test_says_what_is_missing(self, aws: Aws, missing: str, why: str) -> None:
        with pytest.raises(SecretMissing, match=why):
            self.value(aws, missing)

    def test_says_which_key_is_missing_and_never_a_value(self, aws: Aws, secret: str) -> None:
        with pytest.raises(SecretMissing, match="json key password") as caught:
            self.value(aws, f"{secret}:password::")
        assert "me" not in str(caught.value).split()
