"""The `network` of cygni.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field

from cygni.spec.fields import PrivateCidr
from cygni.spec.section import Choice, Finding, Section, Text

ENDPOINTS: Final = (
    "autoscaling",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "elasticloadbalancing",
    "events",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "sts",
    "xray",
)
"""Services a project here may want to reach without the internet, as their endpoints are named (AWS PrivateLink)."""

# EC2: a tag's key has up to 128 characters, its value up to 256.
TagKey = Annotated[str, Text(r"[A-Za-z0-9 _.:/=+@-]+", "letters, digits, spaces and `_.:/=+-@`", 128)]
TagValue = Annotated[str, Text(r"[A-Za-z0-9 _.:/=+@-]+", "letters, digits, spaces and `_.:/=+-@`", 256)]
VpcId = Annotated[str, Text(r"vpc-[0-9a-f]{8,17}", "the id of a VPC: vpc- and 8 to 17 hex digits", 21)]
Tags = Annotated[Mapping[TagKey, TagValue], Field(min_length=1, max_length=10)]


class Nat(StrEnum):
    """How tasks reach the internet."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per-zone"


class FlowLogs(StrEnum):
    """What is logged of the traffic in the VPC."""

    NONE = "none"
    REJECTED = "rejected"
    ALL = "all"


class ExistingVpc(Section):
    """A VPC that somebody else made, and which of its subnets are for what."""

    id: VpcId | None = Field(
        default=None,
        description="The VPC by its id. Either this or `tags`.",
        examples=["vpc-0a1b2c3d4e5f67890"],
    )
    tags: Tags | None = Field(
        default=None,
        description="The VPC by tags it has; exactly one must have them all.",
        examples=[{"Name": "main"}],
    )
    public_subnets: Tags = Field(
        description="Tags of the subnets with a route to an internet gateway: for load balancers.",
        examples=[{"tier": "public"}],
    )
    private_subnets: Tags | None = Field(
        default=None,
        description=(
            "Tags of the subnets that reach the internet through NAT: for tasks. Not written, tasks run in the public "
            "subnets with a public IPv4 address each."
        ),
        examples=[{"tier": "private"}],
    )
    isolated_subnets: Tags | None = Field(
        default=None,
        description=(
            "Tags of the subnets for databases and caches. Not written, they are in the private subnets, or where "
            "there are none in the public ones, closed to the internet all the same."
        ),
        examples=[{"tier": "data"}],
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        named = [name for name in ("id", "tags") if data.get(name) is not None]
        if not named:
            yield Finding((), "does not say which VPC", "add `id: vpc-...`, or `tags:`")
        if len(named) > 1:
            message = "a VPC is told by its id or by its tags, not by both"
            yield Finding(("tags",), message, "remove one of them", related=(("id",),))


class Network(Section):
    """The VPC."""

    nat: Nat = Field(
        default=Nat.NONE,
        strict=False,
        description=(
            "How tasks reach the internet. `none`: tasks run in public subnets with a public IPv4 address each "
            "(0.005 USD an hour, about 3.65 USD a month per task), closed to the outside by their security "
            "group. `single`: tasks run in private subnets behind one NAT gateway (0.045 USD an hour, about "
            "32.85 USD a month, and its public IPv4 address, 3.65 USD), which all zones depend on. `per-zone`: "
            "one NAT gateway in each zone (about 73 USD a month with 2 zones, 109.50 USD with 3). A NAT gateway "
            "also charges 0.045 USD per GB it handles. Prices of us-east-1, 730 hours a month."
        ),
        examples=["none", "single", "per-zone"],
    )
    zones: int = Field(
        default=2, ge=2, le=3, description="Availability zones the subnets are spread over.", examples=[2, 3]
    )
    cidr: PrivateCidr = Field(
        default="10.20.0.0/16",
        description=(
            "IPv4 range of the VPC: private (RFC 1918), /16 to /20. It cannot change later without replacing "
            "the network."
        ),
        examples=["10.20.0.0/16", "192.168.0.0/20"],
    )
    endpoints: (
        Annotated[
            tuple[Annotated[str, Choice(ENDPOINTS, f"known are {', '.join(ENDPOINTS)}")], ...],
            Field(min_length=1, max_length=len(ENDPOINTS), strict=False),
        ]
        | None
    ) = Field(
        default=None,
        description=(
            "AWS services that tasks reach inside the VPC instead of over the internet, through an interface endpoint "
            "in each zone: 0.01 USD an hour each, about 14.60 USD a month for a service in 2 zones, 21.90 USD in 3, "
            "and 0.01 USD per GB (us-east-1). S3 always has a gateway endpoint, which is free."
        ),
        examples=[["ecr.api", "ecr.dkr", "logs"]],
    )
    flow_logs: FlowLogs = Field(
        default=FlowLogs.NONE,
        strict=False,
        description=(
            "What is logged of the traffic in the VPC, to CloudWatch (0.50 USD per GB in us-east-1) for as many days "
            "as `log_retention`: `rejected` is what security groups and network ACLs refused."
        ),
        examples=["rejected", "all"],
    )
    acls: bool = Field(
        default=False,
        description=(
            "Network ACLs, a second fence around security groups, at no cost: from outside the VPC public subnets take "
            "HTTP, HTTPS and answers, private subnets take answers alone, and isolated subnets nothing. Without them "
            "the VPC's own ACL lets everything through."
        ),
        examples=[True],
    )
    vpc: ExistingVpc | None = Field(
        default=None,
        description="An existing VPC to use instead of making one. Nothing about it is changed.",
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        if data.get("vpc") is None:
            return
        for key in ("nat", "zones", "cidr", "endpoints", "flow_logs", "acls"):
            if key in data:
                message = "cannot be told of an existing VPC: it is as whoever made it wants it"
                yield Finding((key,), message, "remove it, or `vpc`, to have a VPC made", related=(("vpc",),))

    @property
    def private_tasks(self) -> bool:
        """Whether tasks run in private subnets."""
        return self.nat is not Nat.NONE if self.vpc is None else self.vpc.private_subnets is not None


def own_log_findings(services: Mapping[Any, Any], network: Any) -> Iterable[Finding]:
    """The flow logs of a network are beside the logs of the services."""
    kept = network.get("flow_logs", "none") if isinstance(network, Mapping) else "none"
    if "flow-logs" in services and kept != "none":
        message = "the log group of this name is that of the network"
        hint = "give the service another name, or write `network: {flow_logs: none}`"
        yield Finding(("services", "flow-logs"), message, hint, (("network", "flow_logs"),), at_key=True)
