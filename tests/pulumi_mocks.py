"""Pulumi programs without an engine: everything they register is remembered."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime.settings import set_root_resource
from pulumi.runtime.stack import run_in_stack

ACCOUNT = "123456789012"
ZONES = ["us-east-1c", "us-east-1a", "us-east-1b", "us-east-1d"]
VPCS = {"vpc-main", "vpc-0a1b2c3d"}
SUBNETS = {"public": "ba", "private": "ab", "data": "ab", "lonely": "a"}
"""Zones of the subnets in a VPC that is there already, by their tag `tier`."""

_NO_ROOT: Any = object()


@dataclass(frozen=True)
class Registered:
    """A resource as the program registered it; `inputs` are camelCase, as the engine gets
    them, with pulumi's own Unknown for what is not known in a preview. `references` are the URNs of the resources
    each input was computed from. A change of `trigger`, or a replacement of one of `replaced_with`, replaces it."""

    type: str
    name: str
    urn: str
    custom: bool
    parent: str
    inputs: dict[str, Any]
    ignored: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trigger: Any = None
    replaced_with: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.type.rsplit(':', 1)[-1]}/{self.name}"

    @property
    def arn(self) -> str:
        return f"arn:aws:{self.type.split(':')[1].split('/')[0]}:us-east-1:{ACCOUNT}:{self.name}"


@dataclass
class Made:
    """What a program made: its resources in order, the outputs each component registered, its own outputs."""

    resources: list[Registered] = field(default_factory=list)
    registered: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def of(self, kind: str) -> list[Registered]:
        """Resources by their type or the last part of it: `aws:ec2/subnet:Subnet`, `Subnet`."""
        return [one for one in self.resources if kind in (one.type, one.type.rsplit(":", 1)[-1])]

    def named(self, kind: str, name: str) -> Registered:
        [found] = [one for one in self.of(kind) if one.name == name]
        return found

    def only(self, kind: str) -> Registered:
        [found] = self.of(kind)
        return found


def run_program(
    program: Callable[[], None],
    stack: str = "shop.staging.data",
    *,
    preview: bool = False,
    references: Mapping[str, Mapping[str, Any]] | None = None,
    region: str = "us-east-1",
) -> Made:
    """Runs a program to its end. `references` are the outputs that stack references find, by stack name.

    Raises what the program raises.
    """
    made = Made()
    monitor = _Monitor(made, _Cloud(made, preview, references or {}))
    with _event_loops() as loop, warnings.catch_warnings():
        # pulumi_aws loads its modules when they are first used, and tells of everything old that is in them.
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="pulumi_aws")
        pulumi.runtime.set_all_config({"aws:region": region})
        set_root_resource(_NO_ROOT)  # or set_mocks makes one, which nobody waits for
        mocks.set_mocks(
            monitor.mocks,
            project="cygni",
            stack=stack,
            preview=preview,
            monitor=monitor,
            organization="organization",
        )
        set_root_resource(None)  # type: ignore[arg-type]  # the program's own comes next
        try:
            loop.run_until_complete(run_in_stack(program))
        finally:
            pulumi.runtime.set_all_config({})
    made.outputs = made.registered.get(f"urn:pulumi:{stack}::cygni::pulumi:pulumi:Stack::cygni-{stack}", {})
    return made


@contextmanager
def _event_loops() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop for the program and one for each thread it calls the monitor from, closed in the end."""
    loops: list[asyncio.AbstractEventLoop] = []

    def begin() -> None:
        own = asyncio.new_event_loop()
        asyncio.set_event_loop(own)
        loops.append(own)

    begin()
    loop = loops[0]
    loop.set_default_executor(ThreadPoolExecutor(4, initializer=begin))
    try:
        yield loop
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        for one in loops:
            one.close()


class _Monitor(mocks.MockMonitor):
    def __init__(self, made: Made, cloud: _Cloud) -> None:
        super().__init__(cloud)
        self.made = made

    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            self.made.resources.append(
                Registered(
                    type=request.type,
                    name=request.name,
                    urn=self.make_urn(request.parent, request.type, request.name),
                    custom=request.custom,
                    parent=request.parent,
                    inputs=rpc.deserialize_properties(request.object, keep_unknowns=True),
                    ignored=tuple(request.ignoreChanges),
                    depends_on=tuple(request.dependencies),
                    references={key: tuple(one.urns) for key, one in request.propertyDependencies.items()},
                    trigger=rpc.deserialize_property(request.replacement_trigger, keep_unknowns=True),
                    replaced_with=tuple(request.replace_with),
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self.made.registered[request.urn] = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


class _Cloud(mocks.Mocks):
    """Answers as AWS would, as far as programs look: ids, ARNs and names."""

    def __init__(self, made: Made, preview: bool, references: Mapping[str, Mapping[str, Any]]) -> None:
        self.made = made
        self.preview = preview
        self.references = references

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            name = str(args.resource_id)
            return name, {"name": name, "outputs": dict(self.references.get(name.rsplit("/", 1)[-1], {}))}
        registered = Registered(args.typ, args.name, "", True, "", {})
        if self.preview or not args.custom:
            return ("" if self.preview else registered.id), dict(args.inputs)
        found = {"arn": registered.arn, "name": args.name, **args.inputs}
        if args.typ == "aws:lb/loadBalancer:LoadBalancer":
            found |= {"dnsName": f"{args.name}.elb.test", "zoneId": "ZELB"}
        if args.typ == "aws:route53/zone:Zone":
            found |= {"zoneId": f"Z-{args.inputs['name']}", "nameServers": ["ns-1.test", "ns-2.test"]}
        if args.typ == "aws:cloudfront/distribution:Distribution":
            found |= {"domainName": f"{args.name}.cloudfront.test", "hostedZoneId": "ZCDN"}
        if args.typ == "aws:route53/record:Record":
            found["fqdn"] = str(args.inputs["name"]).rstrip(".")
        if args.typ == "aws:acm/certificate:Certificate":
            found["domainValidationOptions"] = [
                _proof(name) for name in args.inputs["subjectAlternativeNames"]
            ]
        if args.typ == "aws:lb/targetGroup:TargetGroup":
            found["arnSuffix"] = f"targetgroup/{args.name}/1"
        if args.typ == "aws:ecs/taskDefinition:TaskDefinition":
            found["arnWithoutRevision"] = f"{registered.arn}-family"
        if args.typ == "aws:eks/cluster:Cluster":
            issuer = f"https://oidc.test/id/{args.name}"
            found |= {
                "endpoint": f"https://{args.name}.eks.test",
                "certificateAuthority": {"data": "Y2E="},
                "identities": [{"oidcs": [{"issuer": issuer}]}],
                "vpcConfig": {**args.inputs["vpcConfig"], "clusterSecurityGroupId": "sg-eks"},
            }
        if args.typ == "aws:ec2/launchTemplate:LaunchTemplate":
            found["latestVersion"] = 1
        if args.typ == "aws:sqs/queue:Queue":
            found["url"] = f"https://sqs.test/{args.inputs['name']}"
        if args.typ == "aws:ecr/repository:Repository":
            found["repositoryUrl"] = f"{ACCOUNT}.dkr.ecr.test/{args.inputs['name']}"
        return registered.id, {**found, **_of_store(args)}

    def call(self, args: mocks.MockCallArgs) -> Any:
        match args.token:
            case "aws:index/getAvailabilityZones:getAvailabilityZones":
                assert json.dumps(args.args).count("opt-in-not-required") == 1, "no local zones"
                return {"names": ZONES, "zoneIds": [], "groupNames": [], "id": "zones", "region": "us-east-1"}
            case "aws:ec2/getVpc:getVpc":
                if args.args.get("id", "vpc-main") not in VPCS:
                    return {}, [("id", "no matching EC2 VPC found")]
                return {"id": args.args.get("id", "vpc-main"), **args.args}
            case "aws:ec2/getSubnets:getSubnets":
                assert args.args["filters"][0]["name"] == "vpc-id"
                tier = args.args["tags"]["tier"]
                return {"ids": [f"subnet-{tier}-{zone}" for zone in SUBNETS.get(tier, "")], **args.args}
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return {"accountId": ACCOUNT, "arn": "arn", "userId": "user", "id": "me"}
            case "aws:route53/getZone:getZone":
                name = args.args["name"]
                return {"id": f"Z-{name}", "zoneId": f"Z-{name}", "nameServers": ["ns-1.test"], "tags": {}}
            case "aws:ec2/getManagedPrefixList:getManagedPrefixList":
                return {"id": "pl-1", "name": args.args["name"], "tags": {}, "entries": []}
        raise AssertionError(f"an answer to {args.token} is missing")


def _of_store(args: mocks.MockResourceArgs) -> dict[str, Any]:
    """What a database or cache tells once it is there."""
    host = f"{args.name}.store.test"
    secret = {
        "masterUserSecrets": [
            {"secretArn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:rds!{args.name}"}
        ]
    }
    match args.typ:
        case "aws:rds/instance:Instance":
            endpoint = {"address": host, "endpoint": f"{host}:{int(args.inputs['port'])}"}
            return {**endpoint, **({} if args.inputs.get("replicateSourceDb") else secret)}
        case "aws:rds/cluster:Cluster":
            return {"endpoint": host, "readerEndpoint": f"ro.{host}", **secret}
        case "aws:elasticache/replicationGroup:ReplicationGroup":
            return {"primaryEndpointAddress": host, "readerEndpointAddress": f"ro.{host}"}
    return {}


def _proof(name: str) -> dict[str, str]:
    """The record that ACM asks for: the same for a name and the wildcard under it."""
    return {
        "domainName": name,
        "resourceRecordName": f"_proof.{name.removeprefix('*.')}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{len(name)}.acm.test.",
    }
