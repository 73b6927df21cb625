"""The `kubernetes` of cygni.yaml."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from cygni.eks_versions import STANDARD_SUPPORT_ENDS
from cygni.spec.fields import Name
from cygni.spec.section import Choice, Finding, Section, Text
from cygni.spec.tasks import Architecture
from cygni.wording import one_of, quoted

VERSIONS: Final = tuple(STANDARD_SUPPORT_ENDS)
LOG_TYPES: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
DEFAULT_TYPES: Final = {Architecture.ARM64: "t4g.medium", Architecture.X86_64: "t3.medium"}
_LARGEST_DISK: Final = 16384  # GiB, EBS gp3 (EBS User Guide)
_MOST_NODES: Final = 450  # a managed node group's quota (EKS User Guide, service quotas)

InstanceType = Annotated[
    str, Text(r"[a-z][a-z0-9-]*\.[a-z0-9-]+", "an EC2 instance type: m7g.large, t3.medium", 32)
]
Principal = Annotated[
    str,
    Text(
        r"arn:aws:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+",
        "the ARN of an IAM role or user: arn:aws:iam::123456789012:role/developers",
        2048,
    ),
]


def _network(value: str) -> str:
    try:
        ipaddress.IPv4Network(value)
    except ValueError:
        raise Finding(
            (), f"{quoted(value)} is not an IPv4 range", "write it as 203.0.113.0/24"
        ).error() from None
    return value


AddressRange = Annotated[
    str, Text(r"[0-9.]+/[0-9]{1,2}", "an IPv4 range: 203.0.113.0/24", 18), AfterValidator(_network)
]


class Endpoint(StrEnum):
    """From where the Kubernetes API is reached."""

    PRIVATE = "private"
    PUBLIC = "public"


class Support(StrEnum):
    """What happens when the standard support of a version ends."""

    STANDARD = "standard"
    EXTENDED = "extended"


class NodeGroup(Section):
    """EC2 instances that EKS starts, joins to the cluster and replaces: Amazon Linux 2023, in private subnets."""

    instance_types: (
        Annotated[tuple[InstanceType, ...], Field(strict=False, min_length=1, max_length=20)] | None
    ) = Field(
        default=None,
        description=(
            "EC2 instance types, the preferred one first. Nodes of arm64 are `t4g.medium` (0.0336 USD an hour, "
            "24.53 USD a month in us-east-1) unless written, of x86_64 `t3.medium` in every environment. Another list "
            "replaces the nodes, the new ones first."
        ),
        examples=[["m7g.large"]],
    )
    architecture: Architecture = Field(
        default=Architecture.ARM64,
        strict=False,
        description="Processor of the nodes; images must be built for it. arm64 costs about a fifth less.",
        examples=["x86_64"],
    )
    min: int = Field(default=1, ge=0, le=_MOST_NODES, description="Fewest nodes.", examples=[2])
    max: int | None = Field(
        default=None,
        ge=1,
        le=_MOST_NODES,
        description="Most nodes. Not written, twice as many as there are after a deploy, and at least 3.",
        examples=[10],
    )
    desired: int | None = Field(
        default=None,
        ge=0,
        le=_MOST_NODES,
        description="Nodes there are after a deploy, from `min` to `max`. Not written, it is `min`.",
        examples=[3],
    )
    spot: bool = Field(
        default=False,
        description=(
            "Spot instances: much cheaper, and AWS may take each back within two minutes. Name several "
            "`instance_types`, so that there is another when one runs out."
        ),
        examples=[True],
    )
    disk: int = Field(
        default=20,
        ge=20,
        le=_LARGEST_DISK,
        description="GiB of each node's disk, encrypted gp3: 0.08 USD a month and GiB in us-east-1.",
        examples=[50],
    )

    @property
    def types(self) -> tuple[str, ...]:
        """The instance types that are written, or the architecture's default."""
        return self.instance_types or (DEFAULT_TYPES[self.architecture],)

    @property
    def size(self) -> int:
        """Nodes after a deploy."""
        return self.min if self.desired is None else self.desired

    @property
    def most(self) -> int:
        """The most nodes there may be."""
        return max(3, 2 * self.size) if self.max is None else self.max

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        yield from _sizes_in_order(data)
        wanted = data.get("architecture", Architecture.ARM64)
        types = data.get("instance_types")
        for index, kind in enumerate(types if isinstance(types, list | tuple) else ()):
            if isinstance(kind, str) and wanted in [*Architecture] and architecture_of(kind) != wanted:
                yield Finding(
                    ("instance_types", index),
                    f"{quoted(kind)} is {architecture_of(kind)}, and the nodes are {wanted}",
                    f"write `architecture: {architecture_of(kind)}`, or choose another type",
                )


def architecture_of(instance_type: str) -> Architecture:
    """The processor of an instance type: a `g` after the generation is AWS Graviton (EC2 naming conventions)."""
    graviton = instance_type.startswith("a1.") or re.match(r"[a-z]+[0-9]+[a-z]*g[a-z]*\.", instance_type)
    return Architecture.ARM64 if graviton else Architecture.X86_64


def _sizes_in_order(data: Mapping[str, Any]) -> Iterable[Finding]:
    fewest, desired, most = (
        data.get(key, default) for key, default in (("min", 1), ("desired", None), ("max", None))
    )
    written = [("min", fewest), ("desired", desired), ("max", most)]
    known = [(key, value) for key, value in written if isinstance(value, int)]
    for (lower, few), (upper, many) in pairwise(known):
        if few > many:
            yield Finding(
                (upper,), f"{many} is below `{lower}`, {few}", f"write `{upper}: {few}` or more", ((lower,),)
            )


class Kubernetes(Section):
    """An EKS cluster, beside the services: whatever is deployed to it is not Cygni's."""

    version: Annotated[str, Choice(VERSIONS, f"EKS runs {one_of(VERSIONS)}")] = Field(
        description=(
            "Version of Kubernetes, quoted. It goes up by one minor version at a time and never back; the nodes follow "
            "in the same deploy."
        ),
        examples=["1.35"],
    )
    node_groups: Annotated[Mapping[Name, NodeGroup], Field(min_length=1, max_length=10)] = Field(
        description="Groups of nodes, by name.", examples=[{"general": {"min": 2}}]
    )
    support: Support = Field(
        default=Support.STANDARD,
        strict=False,
        description=(
            "What happens when a version's standard support ends, 14 months after EKS has it. `standard`: AWS moves "
            "the cluster to the next version. `extended`: it stays for 12 months more, and the control plane costs "
            "0.60 USD an hour instead of 0.10 USD."
        ),
        examples=["extended"],
    )
    endpoint: Endpoint = Field(
        default=Endpoint.PRIVATE,
        strict=False,
        description=(
            "From where the Kubernetes API is reached. `private`: from the VPC alone. `public`: also from "
            "`public_from`, with the same sign-in."
        ),
        examples=["public"],
    )
    public_from: Annotated[tuple[AddressRange, ...], Field(strict=False, max_length=40)] = Field(
        default=(),
        description="IPv4 ranges from which a public endpoint may be reached.",
        examples=[["203.0.113.0/24"]],
    )
    admins: Annotated[tuple[Principal, ...], Field(strict=False, max_length=50)] = Field(
        default=(),
        description=(
            "ARNs of IAM roles and users that administer the cluster. Nobody else is let in, not even who deployed it, "
            "until an access entry says so."
        ),
        examples=[["arn:aws:iam::123456789012:role/developers"]],
    )
    logs: Annotated[
        tuple[Annotated[str, Choice(LOG_TYPES, f"EKS has {one_of(LOG_TYPES)}")], ...],
        Field(strict=False, max_length=5),
    ] = Field(
        default=("audit", "authenticator"),
        description=(
            "Logs of the control plane that CloudWatch gets, kept for `log_retention` days: 0.50 USD per GB."
        ),
        examples=[["api", "audit"]],
    )
    secrets_key: bool = Field(
        default=False,
        description=(
            "Encrypt the Kubernetes secrets with a KMS key of the project's own, which rotates each year: 1 USD a "
            "month. EKS encrypts them anyway, with a key of AWS's. Taking it away later replaces the cluster."
        ),
        examples=[True],
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        public = data.get("endpoint", Endpoint.PRIVATE) == Endpoint.PUBLIC
        if public and not data.get("public_from"):
            hint = 'write the ranges it may be reached from: `public_from: ["203.0.113.0/24"]`'
            yield Finding(
                ("public_from",) if "public_from" in data else ("endpoint",), "needs `public_from`", hint
            )
        if data.get("public_from") and not public:
            yield Finding(("public_from",), "has no effect on a private endpoint", "write `endpoint: public`")
        for name in ("admins", "logs", "public_from"):
            yield from _repeated(name, data.get(name))
        groups = data.get("node_groups")
        if isinstance(groups, Mapping) and groups and all(_begins_empty(group) for group in groups.values()):
            yield Finding(
                ("node_groups",),
                "has no node after a deploy, and the add-ons need one",
                "give one group `min: 1` or `desired: 1`",
            )


def _repeated(name: str, values: Any) -> Iterable[Finding]:
    known: list[Any] = []
    for index, value in enumerate(values if isinstance(values, list | tuple) else ()):
        if value in known:
            yield Finding((name, index), f"{quoted(value)} is there already", "take it away")
        known.append(value)


def _begins_empty(group: Any) -> bool:
    found = group if isinstance(group, Mapping) else {}
    return bool(found.get("desired", found.get("min", 1)) == 0)


def network_findings(kubernetes: Any, network: Any) -> Iterable[Finding]:
    """Nodes live in private subnets, and must reach AWS from there; whoever brings a VPC sees to that."""
    found = network if isinstance(network, Mapping) else {}
    needs_nat = found.get("nat", "none") == "none" and found.get("vpc") is None
    if isinstance(kubernetes, Mapping) and needs_nat:
        hint = "write `network: {nat: single}`, or put `kubernetes` under the environments that have a NAT gateway"
        yield Finding(
            ("kubernetes",), "needs a NAT gateway: its nodes are in private subnets", hint, at_key=True
        )
