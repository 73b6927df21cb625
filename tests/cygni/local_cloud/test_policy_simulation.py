"""What policies allow, as IAM judges them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from cygni.local_cloud.policy_simulation import Decision, decide, parsed


def document(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Resource": "*", **elements}]}


class TestDecide:
    @pytest.mark.parametrize(
        ("elements", "allowed"),
        [
            ({"Action": "*"}, True),
            ({"Action": "s3:*"}, True),
            ({"Action": ["ec2:*", "S3:put*"]}, True),
            ({"Action": "s3:Put?bject"}, True),
            ({"Action": "s3:Get*"}, False),
            ({"NotAction": "iam:*"}, True),
            ({"NotAction": "s3:*"}, False),
            ({"Action": "*", "Resource": "arn:aws:s3:::shop-*"}, True),
            ({"Action": "*", "Resource": "arn:aws:s3:::other"}, False),
            ({"Action": "*", "NotResource": "arn:aws:s3:::shop-*"}, False),
            ({"Action": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/a": "b"}}}, False),
            ({"Action": "*", "Condition": {"StringEqualsIfExists": {"aws:PrincipalTag/a": "b"}}}, True),
        ],
    )
    def test_reads_actions_resources_and_conditions(self, elements: dict[str, Any], allowed: bool) -> None:
        # A NotResource stands in the place of a Resource.
        own = document(**elements)
        if "NotResource" in elements:
            del own["Statement"][0]["Resource"]
        decision = decide([own], "s3:PutObject", "arn:aws:s3:::shop-uploads")
        assert decision is (Decision.ALLOWED if allowed else Decision.IMPLICIT_DENY)

    def test_lets_what_forbids_win(self) -> None:
        documents = [document(Action="*"), document("Deny", Action="s3:PutObject")]
        assert decide(documents, "s3:PutObject", "*") is Decision.EXPLICIT_DENY
        assert decide(documents, "s3:GetObject", "*") is Decision.ALLOWED


class TestParsed:
    def test_reads_both_forms_that_iam_keeps(self) -> None:
        assert parsed('{"Statement": []}') == parsed(quote('{"Statement": []}')) == {"Statement": []}

    def test_refuses_what_is_no_object(self) -> None:
        with pytest.raises(ValueError, match="object"):
            parsed("[]")
