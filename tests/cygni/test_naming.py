from __future__ import annotations

import ipaddress
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from cygni.naming import (
    AUTO_NAME_SUFFIX,
    CACHE_NAME_LIMIT,
    DATABASE_NAME_LIMIT,
    LOAD_BALANCER_NAME_LIMIT,
    TAG_VALUE_LIMIT,
    Part,
    auto_named,
    bucket_name,
    cluster_name,
    fitted,
    internal_domain,
    messaging_name,
    name_in_account,
    required_tags,
    schedule_group_name,
    stack_name,
    store_name,
    task_family,
)
from cygni.spec.fields import RESERVED_BEGINNINGS, EnvironmentName, Name, ProjectName

# As cygni.yaml allows them.
words = st.from_regex(r"[a-z][a-z0-9]{0,7}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
projects = words.filter(lambda text: len(text) > 1)
names = words
environments = st.sampled_from(["local", "staging", "production"]) | words.map("preview-{}".format)
places = st.tuples(projects, environments, names)

LONGEST = ("p" * 24, f"preview-{'e' * 24}", "n" * 20)


class TestStackName:
    def test_says_what_it_is_of(self) -> None:
        assert stack_name("hello", "staging", Part.SERVICES) == "hello.staging.services"

    @given(places, st.sampled_from(list(Part)), places, st.sampled_from(list(Part)))
    def test_is_the_same_for_nothing_else(
        self, one: tuple[str, str, str], part: Part, other: tuple[str, str, str], other_part: Part
    ) -> None:
        assume((*one[:2], part) != (*other[:2], other_part))
        assert stack_name(*one[:2], part) != stack_name(*other[:2], other_part)

    @given(projects, environments, st.sampled_from(list(Part)))
    def test_has_no_wildcard_of_the_postgresql_backend(
        self, project: str, environment: str, part: Part
    ) -> None:
        assert not set("_%") & set(stack_name(project, environment, part))


class TestClusterName:
    def test_says_what_it_is_of(self) -> None:
        assert cluster_name("hello", "staging") == "hello_staging"

    @given(st.tuples(projects, environments), st.tuples(projects, environments))
    @example(("a-preview", "local"), ("a", "preview-local"))
    def test_is_the_same_for_nothing_else(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        assume(one != other)
        assert cluster_name(*one) != cluster_name(*other)

    @given(projects, environments)
    def test_is_one_that_ecs_takes(self, project: str, environment: str) -> None:
        """Up to 255 letters, digits, underscores and hyphens (API reference, CreateCluster)."""
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", cluster_name(project, environment))


class TestFitted:
    @given(st.text(max_size=100), st.integers(10, 100))
    def test_is_never_too_long(self, name: str, limit: int) -> None:
        assert len(fitted(name, limit)) <= limit

    @given(st.text(max_size=60), st.integers(10, 60))
    def test_leaves_alone_what_fits(self, name: str, limit: int) -> None:
        assume(len(name) <= limit)
        assert fitted(name, limit) == name

    @given(words, words, st.integers(10, 40))
    def test_keeps_names_apart(self, one: str, other: str, limit: int) -> None:
        assume(one != other)
        assert fitted(one, limit) != fitted(other, limit)

    def test_keeps_names_with_the_same_beginning_apart(self) -> None:
        assert fitted("a" * 40 + "1", 24) != fitted("a" * 40 + "2", 24)

    def test_begins_as_the_name_does(self) -> None:
        assert re.fullmatch(r"hello-productio-[0-9a-f]{8}", fitted("hello-production-web-blue", 24))

    def test_has_no_two_hyphens_in_a_row(self) -> None:
        assert "--" not in fitted("abcdefghijklmn-pqrstuvwxyz", 24)


class TestAutoNamed:
    @given(places)
    def test_leaves_room_for_the_providers_suffix(self, place: tuple[str, str, str]) -> None:
        assert len(auto_named("-".join(place))) + AUTO_NAME_SUFFIX <= LOAD_BALANCER_NAME_LIMIT


def bucket(
    project: str, environment: str, name: str, account: str = "1" * 12, region: str = "us-east-1"
) -> str:
    return bucket_name(project, environment, name, account, region)


KEPT_BEGINNINGS = ("xn--", "sthree-", "amzn-s3-demo-")
KEPT_ENDINGS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")


def is_bucket_name(name: str) -> bool:
    """The rules for general purpose buckets (Amazon S3 User Guide, bucket naming rules)."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) or ".." in name:
        return False
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return not name.startswith(KEPT_BEGINNINGS) and not name.endswith(KEPT_ENDINGS)
    return False


def accepted(text: str, kind: Any = ProjectName) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


# Words that come near to what S3 keeps for itself, and the like.
near = st.lists(
    st.sampled_from(
        ["xn", "sthree", "amzn", "s3", "demo", "ol", "s3alias", "mrap", "x", "table", "an", "a1"]
    ),
    min_size=1,
    max_size=4,
).map("-".join)
near_projects = near.filter(lambda text: 2 <= len(text) <= 24 and accepted(text))
near_names = near.filter(lambda text: len(text) <= 20 and text[0].isalpha())
near_places = st.tuples(near_projects, environments | near.map("preview-{}".format), near_names)


class TestBucketName:
    @pytest.mark.parametrize("project", ["sthree", "sthree-a", "amzn-s3-demo", "amzn-s3-demo-x"])
    def test_would_not_be_one_for_projects_that_are_refused(self, project: str) -> None:
        assert not accepted(project)
        assert not is_bucket_name(bucket(project, "staging", "uploads"))

    @given(near_places)
    def test_is_not_denied_to_other_projects(self, place: tuple[str, str, str]) -> None:
        beginnings = tuple(f"{first}-" for first in RESERVED_BEGINNINGS)
        assert not f"{place[0]}-".startswith(beginnings)

    @given(places | near_places)
    def test_is_one_that_s3_takes(self, place: tuple[str, str, str]) -> None:
        assert is_bucket_name(bucket(*place))

    def test_of_the_longest_parts_is_one_that_s3_takes(self) -> None:
        assert is_bucket_name(bucket(*LONGEST))
        assert len(bucket(*LONGEST)) == 63

    @given(places, places)
    def test_is_the_same_for_nothing_else(
        self, one: tuple[str, str, str], other: tuple[str, str, str]
    ) -> None:
        assume(one != other)
        assert bucket(*one) != bucket(*other)

    def test_tells_parts_apart_that_read_the_same(self) -> None:
        found = [
            bucket("shop", "preview-x", "y-z"),
            bucket("shop", "preview-x-y", "z"),
            bucket("shop-preview", "preview-x", "y-z"),
        ]
        assert len(set(found)) == 3

    def test_is_of_one_account_and_region(self) -> None:
        found = [
            bucket("shop", "staging", "uploads"),
            bucket("shop", "staging", "uploads", account="2" * 12),
            bucket("shop", "staging", "uploads", region="eu-west-1"),
        ]
        assert len(set(found)) == 3
        assert all(name.startswith("shop-staging-uploads-") for name in found)

    def test_is_the_same_in_each_run(self) -> None:
        """Pinned: another name would be another, empty bucket."""
        assert bucket("shop", "staging", "uploads") == "shop-staging-uploads-503655d5"


def readings(parts: list[str]) -> list[tuple[str, str, str]]:
    """Every project, environment and name that read the same when they are joined by a hyphen."""
    found = []
    for first in range(1, len(parts) - 1):
        for second in range(first + 1, len(parts)):
            cut = (parts[:first], parts[first:second], parts[second:])
            place = ("-".join(cut[0]), "-".join(cut[1]), "-".join(cut[2]))
            if all(map(accepted, place, (ProjectName, EnvironmentName, Name))):
                found.append(place)
    return found


ambiguous = (
    st.lists(st.sampled_from(["ab", "preview", "local", "staging", "web"]), min_size=4, max_size=7)
    .map(readings)
    .filter(lambda found: len(found) > 1)
)


class TestEveryName:
    """What an account has one of by its name."""

    @given(ambiguous)
    @example([("ab-preview", "local", "web"), ("ab", "preview-local", "web")])
    @example([("ab", "preview-x-y", "web"), ("ab", "preview-x", "y-web")])
    def test_is_another_for_whatever_reads_the_same(self, places: list[tuple[str, str, str]]) -> None:
        for limit in (DATABASE_NAME_LIMIT, CACHE_NAME_LIMIT):
            assert len({store_name(*place, limit) for place in places}) == len(places)
        for named in (bucket, messaging_name, task_family):
            assert len({named(*place) for place in places}) == len(places), named
        scopes = {place[:2] for place in places}
        for scoped in (cluster_name, name_in_account, schedule_group_name, internal_domain):
            assert len({scoped(*scope) for scope in scopes}) == len(scopes), scoped

    def test_of_a_task_definition_is_one_that_ecs_takes(self) -> None:
        """Up to 255 letters, digits, underscores and hyphens (API reference, RegisterTaskDefinition)."""
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", task_family(*LONGEST))
        assert task_family("shop", "staging", "web") == "shop_staging_web"


class TestRequiredTags:
    def test_tell_where_a_resource_belongs(self) -> None:
        assert required_tags("hello.local.data", "hello", "local", "aws:s3/bucket:Bucket", "b") == {
            "cygni:project": "hello",
            "cygni:environment": "local",
            "cygni:stack": "hello.local.data",
            "cygni:urn": "hello.local.data/aws:s3/bucket:Bucket/b",
        }

    @given(places, st.integers(0, 400).map("n".__mul__))
    def test_are_ones_that_aws_takes(self, place: tuple[str, str, str], name: str) -> None:
        stack = stack_name(*place[:2], Part.DATA)
        for key, value in required_tags(stack, *place[:2], "aws:s3/bucket:Bucket", name).items():
            assert re.fullmatch(r"[\w .:/=+\-@]{1,128}", key)
            assert re.fullmatch(rf"[\w .:/=+\-@]{{0,{TAG_VALUE_LIMIT}}}", value)

    def test_keep_resources_apart(self) -> None:
        tags = [
            required_tags("a.local.data", "a", "local", kind, name)["cygni:urn"]
            for kind in ("aws:s3/bucket:Bucket", "aws:ec2/vpc:Vpc")
            for name in ("x", "y", "x" * 300 + "1", "x" * 300 + "2")
        ]
        assert all(one != other for one, other in pairwise(sorted(tags)))


class TestMessagingName:
    def test_leaves_room_for_what_sqs_needs(self) -> None:
        assert len(messaging_name(*LONGEST) + "_dead.fifo") <= 80

    def test_is_another_for_parts_that_read_the_same(self) -> None:
        assert messaging_name("shop", "preview-x", "a-b") != messaging_name("shop", "preview-x-a", "b")
        assert messaging_name(*LONGEST[:2], "q" * 19 + "a") != messaging_name(*LONGEST[:2], "q" * 19 + "b")

    def test_reads_as_its_parts(self) -> None:
        assert messaging_name("shop", "staging", "mail") == "shop_staging_mail"
