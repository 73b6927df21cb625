"""The JSON schema of cygni.yaml as people write it, made from the models.

It says everything the models say, except what a schema cannot: that a health check's timeout is shorter than
its interval, that ranges of codes and the steps of a canary ascend, that the services a release names are there, depend
on each other in no circle and agree within a group, that a schedule can be read, that a time zone exists, that two web
services have different paths, that only what is FIFO deduplicates and a dead letter needs a queue, that a topic's
queues are there, and that an environment's overrides give a valid whole.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from cygni.aws_limits import FARGATE_MEMORY
from cygni.releases.settings import Strategy
from cygni.spec.fields import EnvironmentName
from cygni.spec.model import Sections
from cygni.spec.releasing import GATES_OF_TRAFFIC, OF_TRAFFIC, WorkerGates, WorkerReleasing
from cygni.spec.resolve import MAX_ENVIRONMENTS
from cygni.spec.services import KINDS, WebService
from cygni.spec.sizes import ANY, SIZED_DEFAULTS

Schema = dict[str, Any]
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_EMPTY_MAY_BE_NOTHING: Final = (
    "Network",
    "HealthCheck",
    "Releasing",
    "Gates",
    "Thresholds",
    "Bucket",
    "Cache",
    "Database",
    "NodeGroup",
    "Security",
    "Queue",
    "Topic",
    "Subscription",
    "Policies",
    "UsageAssumptions",
    "Build",
)  # not Domain, which needs a name, nor Kubernetes, which needs a version
_OVERRIDDEN: Final = (
    "Network",
    "ExistingVpc",
    "Build",
    "HealthCheck",
    "Releasing",
    "Gates",
    "HttpCheck",
    "Autoscale",
    "Spot",
    "Thresholds",
    "Bucket",
    "Cache",
    "Database",
    "LifecycleRule",
    "Cors",
    "Replication",
    "Queue",
    "Topic",
    "Subscription",
    "Service",
    "Domain",
    "Kubernetes",
    "NodeGroup",
    "Security",
    "Policies",
    "UsageAssumptions",
)
_IN_OVERRIDES: Final = "Override"
_FIRST: Final = ("kind", "image", "build", "port", "path", "schedule")  # the order a person reads them in


def json_schema() -> Schema:
    """The schema of the file, JSON Schema draft 2020-12; a new dictionary at each call."""
    generated = _as_written(Sections.model_json_schema())
    definitions: Schema = generated["$defs"]
    definitions["Service"] = _service(
        {kind: definitions.pop(model.__name__) for kind, model in KINDS.items()}
    )
    for of_workers in (WorkerReleasing, WorkerGates):  # told by conditions
        del definitions[of_workers.__name__]
    properties: Schema = generated["properties"]
    properties["services"]["additionalProperties"] = {"$ref": "#/$defs/Service"}
    _tell_sized_defaults(properties, definitions)
    for name in _EMPTY_MAY_BE_NOTHING:
        definitions[name]["type"] = ["object", "null"]
    for name in _OVERRIDDEN:
        definitions[name + _IN_OVERRIDES] = _override(definitions[name])
    definitions["Environment"] = _environment(properties)
    return {
        "$schema": _DIALECT,
        "title": "cygni.yaml",
        "description": "What a project runs on AWS, and how it differs between environments.",
        "type": "object",
        "additionalProperties": False,
        "required": generated["required"],
        "properties": {**properties, "environments": _environments()},
        "$defs": dict(sorted(definitions.items())),
    }


def _tell_sized_defaults(properties: Schema, definitions: Schema) -> None:
    """Ends a description with the defaults of larger environments; `default` itself is that of the smallest."""
    for default in SIZED_DEFAULTS:
        field: Schema = {"properties": properties}
        for part in default.path:
            if "$ref" in field:
                field = definitions[field["$ref"].removeprefix("#/$defs/")]
            field = field["additionalProperties"] if part == ANY else field["properties"][part]
        field["description"] += (
            f" Not written, it is {_written(default.staging)} in staging and "
            f"{_written(default.production)} in production."
        )


def _written(value: Any) -> str:
    return f"`{json.dumps(value) if isinstance(value, bool | list) else value}`"


def _as_written(schema: Any) -> Any:
    """`schema` without what only the models know: null for what was not written."""
    if isinstance(schema, list):
        return [_as_written(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: _as_written(value) for key, value in schema.items()}
    choices = schema.get("anyOf", [])
    if {"type": "null"} in choices:
        (written,) = (choice for choice in choices if choice != {"type": "null"})
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
        schema = {**rest, **written}
    if "patternProperties" in schema:
        ((pattern, value),) = schema.pop("patternProperties").items()
        schema["propertyNames"] = {**schema.get("propertyNames", {}), "pattern": pattern}
        schema["additionalProperties"] = value
    if schema.get("type") == "object" and "properties" not in schema:
        schema["type"] = ["object", "null"]
    return schema


def _service(kinds: Mapping[str, Schema]) -> Schema:
    """One definition for services of every kind; which keys go with which kind is told by conditions."""
    every: Schema = {}
    for definition in kinds.values():
        every |= {key: value for key, value in definition["properties"].items() if key not in every}
    properties = {key: every[key] for key in _FIRST} | every
    properties["kind"] = {
        key: value for key, value in kinds["web"]["properties"]["kind"].items() if key != "const"
    }
    properties["kind"] |= {"enum": [*kinds], "title": "Kind"}
    properties["env"]["additionalProperties"] = {"type": ["string", "number"]}
    conditions: list[Schema] = [
        {"oneOf": [{"required": ["image"]}, {"required": ["build"]}]},
        *(_kind(kind, definition, every) for kind, definition in kinds.items()),
        *_fargate_sizes(),
    ]
    return {
        "title": "Service",
        "description": "Something that runs: its image, its size, and how it is reached and released.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "allOf": conditions,
    }


def _kind(kind: str, definition: Schema, every: Schema) -> Schema:
    """What holds for services of one kind: the keys of others are not for it."""
    then: Schema = {
        "properties": dict.fromkeys(sorted(every.keys() - definition["properties"].keys()), False)
    }
    if kind == "worker":
        others = [strategy.value for strategy in Strategy if strategy is not Strategy.CANARY]
        gates: Schema = {"properties": dict.fromkeys(GATES_OF_TRAFFIC, False)}
        then["properties"] |= {
            "strategy": {"enum": others},
            "autoscale": {"properties": {"requests": False}},
            "release": {"properties": {**dict.fromkeys(OF_TRAFFIC, False), "gates": gates}},
        }
    if "required" in definition:
        then["required"] = definition["required"]
    chosen: Schema = {"properties": {"kind": {"const": kind}}}
    return {"if": chosen if kind == "web" else {**chosen, "required": ["kind"]}, "then": then}


def _fargate_sizes() -> list[Schema]:
    default_cpu = WebService.model_fields["cpu"].default
    default_memory = WebService.model_fields["memory"].default
    sizes: list[Schema] = []
    for cpu, memory in FARGATE_MEMORY.items():
        then: Schema = {"properties": {"memory": {"enum": list(memory)}}}
        if default_memory not in memory:
            then["required"] = ["memory"]
        is_cpu: Schema = {"properties": {"cpu": {"const": cpu}}}
        sizes.append({"if": is_cpu if cpu == default_cpu else {**is_cpu, "required": ["cpu"]}, "then": then})
    return sizes


def _override(definition: Schema) -> Schema:
    """The same keys, none of them required, without defaults: what is not written stays as it is."""
    override = copy.deepcopy({key: definition[key] for key in ("title", "description", "properties")})
    override |= {"type": ["object", "null"], "additionalProperties": False}
    override["properties"] = {key: _overriding(value) for key, value in override["properties"].items()}
    if definition["title"] == "Service":
        override["not"] = {"type": "object", "required": ["image", "build"]}
    return override


def _overriding(schema: Schema) -> Schema:
    schema = {key: value for key, value in copy.deepcopy(schema).items() if key != "default"}
    for holder in (schema, schema.get("additionalProperties")):
        if isinstance(holder, dict) and holder.get("$ref", "").removeprefix("#/$defs/") in _OVERRIDDEN:
            holder["$ref"] += _IN_OVERRIDES
    return schema


def _environment(properties: Mapping[str, Schema]) -> Schema:
    return {
        "title": "Environment",
        "description": "What differs from the top level: mappings merge, everything else replaces.",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {key: _overriding(value) for key, value in properties.items() if key != "project"},
    }


def _environments() -> Schema:
    names = TypeAdapter(EnvironmentName).json_schema()
    return {
        "title": "Environments",
        "description": (
            "What differs between environments, by name: `local`, `staging`, `production` or `preview-NAME`. "
            "An environment that is not listed is exactly the top level."
        ),
        "type": ["object", "null"],
        "propertyNames": {key: value for key, value in names.items() if key != "type"},
        "additionalProperties": {"$ref": "#/$defs/Environment"},
        "maxProperties": MAX_ENVIRONMENTS,
        "examples": [{"production": {"services": {"web": {"count": 2}}}}],
    }
