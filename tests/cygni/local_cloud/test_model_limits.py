from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st
from moto.core.utils import get_service_model

from cygni.local_cloud.aws_calls import SERVICES
from cygni.local_cloud.model_limits import ShapeLimits, Violation, compiled


def violations(service: str, operation: str, parameters: dict[str, Any]) -> list[Violation]:
    shape = get_service_model(service).operation_model(operation).input_shape
    return list(ShapeLimits(shape, {}, requires=True).violations(parameters))


def patterns() -> set[str]:
    """Every pattern of the services whose limits are enforced."""
    loader = Loader()
    models = [loader.load_service_model(service, "service-2") for service in set(SERVICES.values())]
    return {
        shape["pattern"] for model in models for shape in model["shapes"].values() if shape.get("pattern")
    }


class TestViolations:
    def test_are_none_for_a_valid_call(self) -> None:
        tags = [{"Key": "a", "Value": "b"}]
        valid = {"RoleName": "web", "AssumeRolePolicyDocument": "{}", "Tags": tags}
        assert violations("iam", "CreateRole", valid) == []

    def test_name_what_is_too_long(self) -> None:
        [found] = violations("iam", "CreateRole", {"RoleName": "a" * 65, "AssumeRolePolicyDocument": "{}"})
        assert (found.path, found.value) == ("roleName", "a" * 65)
        assert found.constraint == "Member must have length less than or equal to 64"

    def test_name_a_member_of_a_list_as_aws_does(self) -> None:
        tags = [{"Key": "a", "Value": "b"}, {"Key": "k" * 129, "Value": "v"}]
        [found] = violations("elbv2", "AddTags", {"ResourceArns": ["arn"], "Tags": tags})
        assert found.path == "tags.2.member.key"

    def test_see_patterns_enums_ranges_and_what_is_missing(self) -> None:
        parameters = {
            "Name": "tg",
            "Protocol": "HTTTP",
            "Port": 70_000,
            "HealthCheckIntervalSeconds": 1,
        }
        found = {v.path: v.constraint for v in violations("elbv2", "CreateTargetGroup", parameters)}
        assert found["port"] == "Member must have value less than or equal to 65535"
        assert found["healthCheckIntervalSeconds"] == "Member must have value greater than or equal to 5"
        assert found["protocol"].startswith("Member must satisfy enum value set: [GENEVE, HTTP")
        [missing] = violations("elbv2", "CreateListener", {"LoadBalancerArn": "arn"})
        assert str(missing) == (
            "Value null at 'defaultActions' failed to satisfy constraint: Member must not be null"
        )

    def test_do_not_repeat_what_is_sensitive(self) -> None:
        [found] = violations(
            "secretsmanager", "PutSecretValue", {"SecretId": "a", "SecretString": "x" * 70_000}
        )
        assert found.value == "***"

    def test_shorten_what_is_long(self) -> None:
        [found] = violations("logs", "CreateLogGroup", {"logGroupName": "a" * 5000})
        assert len(str(found)) < 250


class TestCompiled:
    def test_matches_the_whole_value(self) -> None:
        pattern = compiled("[a-z]+")
        assert pattern is not None
        assert pattern.fullmatch("abc")
        assert not pattern.fullmatch("abc!")

    def test_matches_a_beginning_where_the_pattern_has_no_end(self) -> None:
        pattern = compiled("^arn:")
        assert pattern is not None
        assert pattern.fullmatch("arn:aws:s3:::b")
        assert not pattern.fullmatch("b")

    def test_knows_letters_of_every_script_in_tags(self) -> None:
        pattern = compiled(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$")
        assert pattern is not None
        assert pattern.fullmatch("größe 5 名前 a_b.c:d/e=f+g-h@i")
        assert not pattern.fullmatch("a;b")

    @pytest.mark.parametrize("pattern", [None, "", r"\p{Print}+", r"a(?i)b"])
    def test_leaves_out_what_python_cannot_read(self, pattern: str | None) -> None:
        assert compiled(pattern) is None

    def test_reads_nearly_every_pattern(self) -> None:
        unread = [pattern for pattern in patterns() if compiled(pattern) is None]
        assert len(unread) <= 15

    @pytest.mark.timeout(120)
    def test_of_no_pattern_takes_for_ever(self) -> None:
        units = ["a", "0", "A", "-a", "a-", "/a", "a.", "_", " ", "arn:aws:", ":a", "\t"]
        hostile = [
            before + unit * 60 + "\x00"
            for unit in units
            for before in ("", "a", "arn:aws:iam::123456789012:")
        ]
        for pattern in patterns():
            expression = compiled(pattern)
            began = time.perf_counter()
            for value in hostile if expression else ():
                assert expression is not None
                expression.fullmatch(value)
            assert time.perf_counter() - began < 2.0, pattern

    @given(st.text(max_size=30))
    def test_makes_violations_of_any_text_without_failing(self, name: str) -> None:
        found = violations("iam", "CreateRole", {"RoleName": name, "AssumeRolePolicyDocument": "{}"})
        allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-"
        assert (found == []) == (bool(name) and all(character in allowed for character in name))
