"""The same resources for Terraform: its JSON syntax, from the state that a Cygni deployment left (pure).

Names follow the provider's own schema (`terraform providers schema -json`): Pulumi makes camelCase of Terraform's
names, plurals of its blocks, and an object of a block that may appear once. Ids, ARNs and names that came from
another resource become references, so that Terraform finds the same graph.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

STACK_REFERENCE = "pulumi:pulumi:StackReference"
_REFERRED = ("id", "arn", "name")
_SHORTEST = 8  # characters of a computed text that may be a reference; what is shorter may be a coincidence
_NEVER = frozenset({"__defaults", "region", "tagsAll"})

Schema: TypeAlias = Mapping[str, Any]
"""By Terraform type, its `block` of `terraform providers schema -json`."""

NAMES: Mapping[str, str] = {
    "aws:cfg/recorder:Recorder": "aws_config_configuration_recorder",
    "aws:cloudtrail/trail:Trail": "aws_cloudtrail",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:rds/instance:Instance": "aws_db_instance",
    "aws:rds/parameterGroup:ParameterGroup": "aws_db_parameter_group",
    "aws:rds/proxy:Proxy": "aws_db_proxy",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": "aws_db_proxy_default_target_group",
    "aws:rds/snapshot:Snapshot": "aws_db_snapshot",
    "aws:rds/subnetGroup:SubnetGroup": "aws_db_subnet_group",
    "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": "aws_s3_bucket_replication_configuration",
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": "aws_service_discovery_private_dns_namespace",
    "aws:servicediscovery/service:Service": "aws_service_discovery_service",
}
"""Types whose name does not follow from the token; the others are aws_MODULE_TYPE, or aws_TYPE."""


RENAMED: Mapping[str, str] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm.name": "alarm_name",
    "aws:sns/topicSubscription:TopicSubscription.topic": "topic_arn",
}
"""Properties, as `type.property`, whose name Pulumi does not make of Terraform's."""


class NotTranslated(ValueError):
    """A resource type or a property that the provider's schema does not have."""


@dataclass(frozen=True)
class Configuration:
    """`resources` is the `resource` section; `left_out` are the properties this provider version does not have,
    as `type.property`."""

    resources: dict[str, dict[str, Any]]
    left_out: frozenset[str] = frozenset()
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Terraform's address of each resource, by its URN."""


def schema_of(document: str) -> Schema:
    """The resource types in the answer of `terraform providers schema -json` (one provider)."""
    [provider] = json.loads(document)["provider_schemas"].values()
    return {name: one["block"] for name, one in provider["resource_schemas"].items()}


def configuration(
    stacks: Sequence[Sequence[Mapping[str, Any]]],
    schema: Schema,
    tolerated: frozenset[str] = frozenset(),
) -> Configuration:
    """The resources of several stacks' states for Terraform, in the order the stacks depend.

    Raises NotTranslated for a type that the schema does not have, and for a property unless it is `tolerated`
    (as `type.property`), that is, known to be newer than the provider.
    """
    translator = _Translator(schema, tolerated)
    for resources in stacks:
        translator.add([one for one in resources if one["type"].startswith("aws:")])
    return Configuration(translator.written, frozenset(translator.left_out), translator.addresses)


def count(resources: Mapping[str, Mapping[str, Any]]) -> int:
    """How many resources a `resource` section declares."""
    return sum(len(named) for named in resources.values())


def terraform_type(token: str, schema: Schema) -> str:
    """Terraform's name of a Pulumi type. Raises NotTranslated."""
    if token in NAMES:
        return NAMES[token]
    module, _, kind = token.removeprefix("aws:").partition("/")
    name = snake_case(kind.partition(":")[0])
    candidates = [f"aws_{module}_{name}", f"aws_{name}"]
    for candidate in candidates:
        if candidate in schema:
            return candidate
    raise NotTranslated(f"{token} has no resource type of Terraform's: looked for {' and '.join(candidates)}")


class _Translator:
    def __init__(self, schema: Schema, tolerated: frozenset[str]) -> None:
        self.schema = schema
        self.tolerated = tolerated
        self.written: dict[str, dict[str, Any]] = {}
        self.left_out: set[str] = set()
        self.addresses: dict[str, str] = {}
        self.known: dict[str, Mapping[str, str]] = {}
        self.earlier: list[str] = []

    def add(self, resources: Sequence[Mapping[str, Any]]) -> None:
        for one in resources:
            kind = terraform_type(one["type"], self.schema)
            address = f"{kind}.{_label(one)}"
            self.addresses[one["urn"]] = address
            self.known[one["urn"]] = _expressions(one, address, self.schema[kind])
        for one in resources:
            kind, _, label = self.addresses[one["urn"]].partition(".")
            self.written.setdefault(kind, {})[label] = self._block(one, kind)
        self.earlier += [one["urn"] for one in resources]

    def _block(self, resource: Mapping[str, Any], kind: str) -> dict[str, Any]:
        inputs = resource.get("inputs") or {}
        defaults = set(inputs.get("__defaults") or ()) - {"name"}
        sources = resource.get("propertyDependencies") or {}
        block: dict[str, Any] = {}
        for key, value in inputs.items():
            if key in _NEVER or key in defaults:
                continue
            known = self._known_to(sources.get(key) or ())
            block |= self._entry(key, value, self.schema[kind], known, resource["type"])
        waits = self._waits(resource, sources)
        return {**block, "depends_on": waits} if waits else block

    def _entry(
        self, key: str, value: Any, block: Mapping[str, Any], known: Mapping[str, str], place: str
    ) -> dict[str, Any]:
        """One property as Terraform has it; nothing if this version of its provider does not."""
        attributes, blocks = block.get("attributes") or {}, block.get("block_types") or {}
        for name in _singulars(RENAMED.get(f"{place}.{key}") or snake_case(key)):
            if name in attributes:
                kind = attributes[name].get("type")
                translated = _value(value, known, free=isinstance(kind, list) and kind[0] == "map")
                return {name: _complete(translated, kind)}
            if name in blocks:
                inner = blocks[name]["block"]
                return {name: self._nested(value, inner, known, f"{place}.{key}")}
        self.left_out.add(f"{place}.{key}")
        if f"{place}.{key}" not in self.tolerated:
            raise NotTranslated(f"{place} has no {key} in Terraform's provider")
        return {}

    def _nested(self, value: Any, block: Mapping[str, Any], known: Mapping[str, str], place: str) -> Any:
        if isinstance(value, list):
            return [self._nested(inner, block, known, place) for inner in value]
        if not isinstance(value, Mapping):
            return _value(value, known, free=False)
        found: dict[str, Any] = {}
        for key, inner in value.items():
            if key != "__defaults" and inner is not None:
                found |= self._entry(key, inner, block, known, place)
        return found

    def _known_to(self, urns: Iterable[str]) -> dict[str, str]:
        """The texts that may be references here: of the resources it depends on, behind a stack reference of all."""
        wanted: list[str] = []
        for urn in urns:
            wanted += self.earlier if f"{STACK_REFERENCE}::" in urn else [urn]
        found: dict[str, str] = {}
        for (
            urn
        ) in wanted:  # the first to bear a text owns it: a bucket's policy has its bucket's name for an id
            for text, said in self.known.get(urn, {}).items():
                found.setdefault(text, said)
        return found

    def _waits(self, resource: Mapping[str, Any], sources: Mapping[str, Sequence[str] | None]) -> list[str]:
        """What it waits for without using a property of it."""
        used = {urn for urns in sources.values() for urn in urns or ()}
        waits = (urn for urn in resource.get("dependencies") or () if urn not in used)
        return sorted({self.addresses[urn] for urn in waits if urn in self.addresses})


def _complete(value: Any, kind: Any) -> Any:
    """`value` with every member that objects of its type have: an attribute, unlike a block, can lack none."""
    if not isinstance(kind, list) or value is None:
        return value
    outer, inner = kind
    if outer == "object" and isinstance(value, Mapping):
        return {member: _complete(value.get(member), type_) for member, type_ in inner.items()}
    if outer in ("list", "set") and isinstance(value, list):
        return [_complete(one, inner) for one in value]
    return value


def _singulars(name: str) -> Iterator[str]:
    """`name` and what it may be the plural of."""
    yield name
    for plural, singular in (("ies", "y"), ("ses", "s"), ("xes", "x"), ("s", "")):
        if name.endswith(plural):
            yield name.removesuffix(plural) + singular


def _label(resource: Mapping[str, Any]) -> str:
    name: str = resource["urn"].split("::")[-1]
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _expressions(resource: Mapping[str, Any], address: str, block: Mapping[str, Any]) -> Mapping[str, str]:
    """What a resource is known by once it exists, and how Terraform says it."""
    values = {"id": resource.get("id"), **(resource.get("outputs") or {})}
    found: dict[str, str] = {}
    for attribute in _REFERRED:
        if values.get(attribute):
            found.setdefault(str(values[attribute]), f"${{{address}.{attribute}}}")
    for text, path in _computed(values, address, block):
        found.setdefault(text, f"${{{path}}}")
    # What it was given by another resource it may hand on: a validation hands on its certificate's ARN.
    for key, sources in (resource.get("propertyDependencies") or {}).items():
        if sources and isinstance(values.get(key), str) and len(values[key]) >= _SHORTEST:
            found.setdefault(values[key], f"${{{address}.{snake_case(key)}}}")
    return found


def _computed(values: Mapping[str, Any], address: str, block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The texts that the cloud has made, in any depth, each with the path to it."""
    attributes, blocks = block.get("attributes") or {}, block.get("block_types") or {}
    for key, value in values.items():
        for name in _singulars(snake_case(key)):
            if name in attributes and attributes[name].get("computed"):
                yield from _texts(value, f"{address}.{name}", attributes[name].get("type"))
                break
            if name in blocks and isinstance(value, list):
                for index, one in enumerate(value):
                    if isinstance(one, Mapping):
                        yield from _computed(one, f"{address}.{name}[{index}]", blocks[name]["block"])
                break


def _texts(value: Any, path: str, kind: Any) -> Iterator[tuple[str, str]]:
    """The texts in a value of Terraform's type `kind`: `"string"`, or `["list", ["object", {...}]]` and the like."""
    if isinstance(value, str) and len(value) >= _SHORTEST:
        yield value, path
    if not isinstance(kind, list):
        return
    outer, inner = kind
    if outer in ("list", "set") and isinstance(value, list):
        for index, one in enumerate(value):
            yield from _texts(one, f"tolist({path})[{index}]", inner)
    elif outer == "object" and isinstance(value, Mapping):
        for key, one in value.items():
            for name in _singulars(snake_case(key)):
                if name in inner:
                    yield from _texts(one, f"{path}.{name}", inner[name])
                    break


def _value(value: Any, known: Mapping[str, str], *, free: bool) -> Any:
    """A value in Terraform's spelling; the keys of a `free` mapping are somebody's own words."""
    if isinstance(value, str):
        return _text(value, known)
    if isinstance(value, Mapping):
        return {
            key if free else snake_case(key): _value(inner, known, free=free) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_value(inner, known, free=free) for inner in value]
    return value


def _text(text: str, known: Mapping[str, str]) -> str:
    found = [one for one in known if one in text]
    if not found:
        return _literal(text)
    longest_first = sorted(found, key=len, reverse=True)
    # A reference ends where its text does: w1 is not the beginning of w10.
    pattern = re.compile("|".join(f"{re.escape(one)}(?![A-Za-z0-9-])" for one in longest_first))
    pieces, position = [], 0
    for match in pattern.finditer(text):
        pieces += [_literal(text[position : match.start()]), known[match[0]]]
        position = match.end()
    return "".join([*pieces, _literal(text[position:])])


def _literal(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def snake_case(name: str) -> str:
    """`cidrIpv4` as Terraform has it: `cidr_ipv4`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
