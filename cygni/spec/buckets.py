"""The `buckets` of cygni.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import Field

from cygni.aws_limits import REGIONS
from cygni.spec.fields import Name
from cygni.spec.section import Choice, Finding, Section, Text
from cygni.wording import quoted


class Encryption(StrEnum):
    """Whose key objects are encrypted with."""

    S3 = "s3"
    KMS = "kms"


class StorageClass(StrEnum):
    """Where objects may move to, in the only order they may (S3 User Guide, transitioning objects)."""

    STANDARD_IA = "standard-ia"
    INTELLIGENT_TIERING = "intelligent-tiering"
    ONEZONE_IA = "onezone-ia"
    GLACIER_IR = "glacier-ir"
    GLACIER = "glacier"
    DEEP_ARCHIVE = "deep-archive"


_INFREQUENT: Final = (StorageClass.STANDARD_IA, StorageClass.ONEZONE_IA)
_INFREQUENT_DAYS: Final = 30
"""Days an object stays in S3 Standard before it may move to an infrequent-access class (S3 User Guide)."""

_MOST_DAYS: Final = 36_500
# S3 API: a key's prefix has at most 1024 bytes.
Prefix = Annotated[
    str, Text(r"[A-Za-z0-9!_.*'()/=@:+,&$;-]+", "letters, digits and `/!_.*'()=@:+,&$;-`", 512)
]
Origin = Annotated[
    str, Text(r"\*|https?://[A-Za-z0-9.*:-]+", "an origin is https://HOST, or * for every one", 255)
]
HeaderName = Annotated[str, Text(r"[A-Za-z0-9*-]+", "the name of a header, or * for every one", 100)]
Days = Annotated[int, Field(ge=1, le=_MOST_DAYS)]
Transitions = Annotated[Mapping[Annotated[StorageClass, Field(strict=False)], Days], Field(max_length=6)]


class LifecycleRule(Section):
    """What happens to objects as they grow old."""

    prefix: Prefix | None = Field(
        default=None, description="Only objects whose key begins so; otherwise all.", examples=["logs/"]
    )
    expire_after: Days | None = Field(
        default=None,
        description="Days after which objects are deleted; with versioning, their former versions stay.",
        examples=[365],
    )
    transitions: Transitions = Field(
        default_factory=dict,
        description=(
            "Days after which objects move to a cheaper storage class, by the class: "
            f"{', '.join(f'`{kind}`' for kind in StorageClass)}, in this order. `standard-ia` and `onezone-ia` from "
            "30 days on. Reading from a cheaper class costs more, and from glacier and deep-archive takes hours."
        ),
        examples=[{"standard-ia": 30, "glacier": 90}],
    )
    former_versions_expire_after: Days | None = Field(
        default=None, description="Days after which a former version of an object is deleted.", examples=[30]
    )
    former_versions_transitions: Transitions = Field(
        default_factory=dict,
        description="Days after which a former version moves to a cheaper storage class.",
        examples=[{"glacier": 30}],
    )
    former_versions_kept: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Newest former versions that are kept however old they are. Needs `former_versions_expire_after`.",
        examples=[3],
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        actions = (
            "expire_after",
            "transitions",
            "former_versions_expire_after",
            "former_versions_transitions",
        )
        if not any(data.get(name) for name in actions):
            yield Finding((), "the rule does nothing", "add `expire_after: DAYS`, or transitions")
        if "former_versions_kept" in data and "former_versions_expire_after" not in data:
            message = "former versions are all kept where none is deleted"
            yield Finding(("former_versions_kept",), message, "add `former_versions_expire_after: DAYS`")
        for moves, ends in (
            ("transitions", "expire_after"),
            ("former_versions_transitions", "former_versions_expire_after"),
        ):
            yield from _wrong_order(moves, data.get(moves), ends, data.get(ends))


def _wrong_order(moves: str, written: Any, ends: str, end: Any) -> Iterator[Finding]:
    """What S3 would refuse of one kind of transitions. `written` and `end` may have any type."""
    known = {kind.value: kind for kind in StorageClass}
    if not isinstance(written, Mapping) or not all(
        key in known and type(days) is int for key, days in written.items()
    ):
        return
    days_of = {kind: written[kind] for kind in StorageClass if kind in written}
    for kind, days in days_of.items():
        if kind in _INFREQUENT and days < _INFREQUENT_DAYS:
            message = (
                f"{days} days are too few: S3 moves objects there after {_INFREQUENT_DAYS} at the earliest"
            )
            yield Finding((moves, kind.value), message, f"use {_INFREQUENT_DAYS} or more")
    for first, second in pairwise(days_of):
        if days_of[second] <= days_of[first]:
            message = f"objects move to {first} before they move to {second}"
            hint = f"use more than {days_of[first]} days"
            yield Finding((moves, second.value), message, hint, related=((moves, first.value),))
    if days_of and type(end) is int and end <= max(days_of.values()):
        message = f"objects would be deleted after {end} days, before they have moved"
        yield Finding((ends,), message, f"use more than {max(days_of.values())} days", related=((moves,),))


class Cors(Section):
    """Which web pages may use the bucket from a browser."""

    origins: Annotated[tuple[Origin, ...], Field(min_length=1, max_length=100, strict=False)] = Field(
        description="Origins of the pages.", examples=[["https://app.example.com"]]
    )
    methods: Annotated[
        tuple[
            Annotated[
                str, Choice(("GET", "PUT", "POST", "DELETE", "HEAD"), "S3 knows GET, PUT, POST, DELETE, HEAD")
            ],
            ...,
        ],
        Field(min_length=1, max_length=5, strict=False),
    ] = Field(default=("GET",), description="What the pages may do.", examples=[["GET", "PUT"]])
    headers: Annotated[tuple[HeaderName, ...], Field(min_length=1, max_length=100, strict=False)] = Field(
        default=("*",), description="Headers the pages may send.", examples=[["content-type"]]
    )
    expose: Annotated[tuple[HeaderName, ...], Field(min_length=1, max_length=100, strict=False)] = Field(
        default=("ETag",), description="Headers of an answer that the pages may read.", examples=[["ETag"]]
    )
    max_age: int = Field(
        default=3600, ge=0, le=86_400, description="Seconds a browser remembers the answer.", examples=[600]
    )


class Replication(Section):
    """A second bucket that every new object is copied to, with its deletions."""

    region: Annotated[str, Choice(REGIONS, f"AWS has {', '.join(REGIONS)}")] = Field(
        description=(
            "Region of the second bucket; it may be the same. Copies are billed like any object, and to another region "
            "also their transfer (0.02 USD a GB from us-east-1 to most)."
        ),
        examples=["eu-west-1"],
    )
    prefix: Prefix | None = Field(
        default=None, description="Only objects whose key begins so; otherwise all.", examples=["invoices/"]
    )


class Bucket(Section):
    """An S3 bucket: encrypted, closed to the public."""

    name: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$",
        min_length=3,
        max_length=63,
        description=(
            "Its name in AWS, where it is to be that of a bucket which exists already: take that over with `cx import` "
            "before the first deploy. Without it, one is made up that no other account has."
        ),
        examples=["old-uploads"],
    )
    versioning: bool = Field(
        default=False,
        description="Keep former versions of objects, so that what is overwritten can be had back; each is billed.",
        examples=[True],
    )
    encryption: Encryption = Field(
        default=Encryption.S3,
        strict=False,
        description=(
            "Whose key objects are encrypted with. `s3`: keys of S3, at no cost. `kms`: the account's KMS key for S3, "
            "whose every use CloudTrail can show (0.03 USD for 10,000 requests; one key serves many objects)."
        ),
        examples=["kms"],
    )
    abort_uploads_after: int = Field(
        default=7,
        ge=0,
        le=_MOST_DAYS,
        description=(
            "Days after which the parts of an upload that was never finished are deleted: they are billed and nobody "
            "sees them. 0 keeps them."
        ),
        examples=[1],
    )
    lifecycle: Annotated[Mapping[Name, LifecycleRule], Field(max_length=50)] = Field(
        default_factory=dict, description="What happens to objects as they grow old: rules, by name."
    )
    cors: Cors | None = Field(
        default=None, description="Which web pages may use the bucket from a browser; none unless written."
    )
    replication: Replication | None = Field(
        default=None,
        description=(
            "A second bucket that every new object is copied to. Needs `versioning: true` and `encryption: s3`."
        ),
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        if data.get("replication") is None:
            return
        if data.get("versioning", False) is False:
            message = "S3 copies only the objects of a bucket that keeps versions"
            yield Finding(("replication",), message, "add `versioning: true`", related=(("versioning",),))
        if data.get("encryption") == Encryption.KMS.value:
            message = (
                f"objects under {quoted('kms')} cannot be copied: the account's KMS key for S3 is not shared"
            )
            yield Finding(("replication",), message, "use `encryption: s3`", related=(("encryption",),))
