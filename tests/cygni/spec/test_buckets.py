"""Buckets, and what S3 would refuse of them."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.spec import Bucket, Encryption, StorageClass
from tests.factories import create_spec


def bucket(environment: str = "staging", **written: Any) -> Bucket:
    return create_spec(environment, buckets={"files": written or None}).buckets["files"]


def refusal(**written: Any) -> str:
    with pytest.raises(SpecError) as caught:
        bucket(**written)
    return f"{caught.value.message}\n{caught.value.hint}\n{caught.value.details}"


def lifecycle(**rule: Any) -> dict[str, Any]:
    return {"lifecycle": {"old": rule}}


class TestDefaults:
    def test_delete_unfinished_uploads_and_nothing_else(self) -> None:
        assert bucket() == Bucket(abort_uploads_after=7, encryption=Encryption.S3, versioning=False)

    def test_keep_versions_in_production(self) -> None:
        assert bucket("production").versioning
        assert not bucket("production", versioning=False).versioning


class TestLifecycle:
    def test_may_do_all_there_is(self) -> None:
        rule = bucket(
            **lifecycle(
                prefix="logs/",
                transitions={"glacier": 90, "standard-ia": 30},
                expire_after=91,
                former_versions_expire_after=5,
                former_versions_kept=2,
            )
        ).lifecycle["old"]
        assert rule.transitions == {StorageClass.GLACIER: 90, StorageClass.STANDARD_IA: 30}
        assert (rule.expire_after, rule.former_versions_kept) == (91, 2)

    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            ({"prefix": "a/"}, "the rule does nothing"),
            ({"transitions": {}}, "the rule does nothing"),
            ({"transitions": {"standard-ia": 29}}, "use 30 or more"),
            ({"former_versions_transitions": {"onezone-ia": 1}}, "use 30 or more"),
            ({"transitions": {"standard-ia": 40, "glacier": 40}}, "use more than 40 days"),
            ({"transitions": {"glacier": 10, "glacier-ir": 20}}, "objects move to glacier-ir before"),
            ({"transitions": {"glacier": 10}, "expire_after": 10}, "before they have moved"),
            ({"transitions": {"glacer": 10}}, "glacer"),
            ({"transitions": {"glacier": 0}}, "0 is too small"),
            ({"expire_after": 0}, "0 is too small"),
            ({"expire_after": 5, "former_versions_kept": 1}, "former versions are all kept"),
        ],
    )
    def test_is_refused_as_s3_would(self, rule: dict[str, Any], said: str) -> None:
        assert said in refusal(**lifecycle(**rule))

    def test_moves_at_once_where_s3_lets_it(self) -> None:
        assert bucket(**lifecycle(transitions={"intelligent-tiering": 1, "glacier": 2})).lifecycle


class TestCors:
    def test_lets_pages_read(self) -> None:
        cors = bucket(cors={"origins": ["https://app.example.com"]}).cors
        assert cors is not None
        assert (cors.methods, cors.headers, cors.max_age) == (("GET",), ("*",), 3600)

    @pytest.mark.parametrize(
        ("cors", "said"),
        [
            ({}, "is missing"),
            ({"origins": []}, "is empty"),
            ({"origins": ["app.example.com"]}, "https://HOST"),
            ({"origins": ["*"], "methods": ["PATCH"]}, '"PATCH" is not one of the choices'),
        ],
    )
    def test_is_refused_with_what_would_be_right(self, cors: dict[str, Any], said: str) -> None:
        assert said in refusal(cors=cors)


class TestReplication:
    def test_needs_versions_which_production_keeps_anyway(self) -> None:
        assert "add `versioning: true`" in refusal(replication={"region": "eu-west-1"})
        assert bucket("production", replication={"region": "eu-west-1"}).replication
        assert bucket(versioning=True, replication={"region": "us-east-1"}).replication

    def test_cannot_copy_what_kms_encrypts(self) -> None:
        said = refusal(versioning=True, encryption="kms", replication={"region": "eu-west-1"})
        assert "use `encryption: s3`" in said

    def test_goes_to_a_region_of_aws(self) -> None:
        said = refusal(versioning=True, replication={"region": "eu-west-9"})
        assert "is not one of the choices" in said
