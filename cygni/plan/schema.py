"""The JSON schema of a plan as `--json` gives it. The descriptions here are the reference manual."""

from __future__ import annotations

import json
from typing import Final

from cygni.naming import Part
from cygni.plan.document import FORMAT_VERSION
from cygni.plan.model import Change, Rollout, StackStatus
from cygni.pricing.schema import COST_DIFF_SCHEMA, DECIMAL, Schema, described, or_null

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def plan_schema() -> Schema:
    """The schema of `plan_document`, JSON Schema draft 2020-12; a new dictionary at each call."""
    made = _object(
        "What a deploy, or a destroy, would change, and what that costs.",
        version=described({"const": FORMAT_VERSION}, "Format of this document; a field may be added to it."),
        digest=_text("Differs for plans that do not do the same: what `cx deploy --expect-plan` takes."),
        project=_text("Name of the project."),
        environment=_text("Name of the environment."),
        region=_text("AWS region."),
        target=described({"enum": ["aws", "local"]}, "Where it runs: AWS, or the local cloud."),
        account=_maybe("The AWS account's number; null for the local cloud."),
        destroy=_flag("Whether this deletes everything of the environment."),
        emptied=_flag(
            "Whether the local cloud was restarted or reset and has nothing of what the state lists."
        ),
        changes=_object(
            "How many resources change, by what happens to them.",
            **{change.value: _count(f"Resources to {change.value}.") for change in Change},
        ),
        stacks=_array("The stacks, in the order they are planned.", _stack()),
        releases=_array("The services that are released once the stacks are as planned.", _release()),
        release_floor_seconds=described(
            {"type": "number", "minimum": 0}, "The least time that these releases take, in seconds."
        ),
        cost=described(COST_DIFF_SCHEMA, "Estimated cost before, after and the difference, at list price."),
        temporary=_array(
            "What costs only while this is carried out, in the currency of `cost`; in no total.", _temporary()
        ),
        findings=_array("What policies say of all stacks together, such as of their cost.", _finding()),
        warnings=_array("Warnings of the specification and of the engine, each once.", _text("One warning.")),
    )
    return {"$schema": _DIALECT, "title": "Plan", **made}


def published() -> str:
    """The schema as the file docs/plan.schema.json."""
    return json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n"


def _stack() -> Schema:
    return _object(
        "The plan of one stack.",
        name=described({"enum": [part.value for part in Part]}, "Which stack of the environment."),
        status=described(
            {"enum": [status.value for status in StackStatus]},
            "`skipped`: its inputs are those of its last deploy, so the engine was not asked. `unchanged`: the "
            "engine was asked and has nothing to do. `changed`: there are steps.",
        ),
        unchanged=_count("Resources that stay as they are."),
        drifted=_array(
            "With --refresh: resources that were changed or deleted outside of Cygni.", _text("Its name.")
        ),
        drift=_array("The same resources, with what differs of each.", _drift()),
        findings=_array("What policies say of it; a mandatory one stops a deploy.", _finding()),
        steps=_array("The resources that change.", _step()),
    )


def _release() -> Schema:
    return _object(
        "One service that is released.",
        service=_text("Its name in cygni.yaml."),
        rollout=described(
            {"enum": [rollout.value for rollout in Rollout]},
            "`first`: it runs for the first time. `version`: it is to run another task. `secrets`: it is to run the "
            "same task with what its secrets are now. `count`: it is to run another number of the same.",
        ),
        strategy=_maybe("How it takes over, such as blue-green."),
        tasks_before=_count("Tasks that run of it now."),
        tasks_after=_count("Tasks that it is to run."),
        secrets=_array(
            "The secrets that have changed since its tasks were started.", _text("The variable that has one.")
        ),
    )


def _drift() -> Schema:
    value = "null where there is none, `[secret]` for a secret"
    return _object(
        "One resource that is not as it was left.",
        change=described({"enum": ["changed", "gone"]}, "What happened to it."),
        type=_text("Its Pulumi type token."),
        name=_text("The name the program gives it."),
        urn=_text("Its Pulumi URN."),
        id=_maybe("Its id in the cloud."),
        properties=_array(
            "The properties that differ, of one that was changed.",
            _object(
                "One property.",
                path=_text("Where it is in the resource."),
                state=described({}, f"Its value when it was last deployed: {value}."),
                cloud=described({}, f"Its value in the cloud now: {value}."),
            ),
        ),
    )


def _temporary() -> Schema:
    return _object(
        "Both colours of a service, or what is replaced beside what replaces it.",
        what=_text("What it is."),
        hourly=described(or_null(DECIMAL), "An hour; null where it is not known."),
        hourly_at_most=described(
            or_null(DECIMAL), "The most that it costs an hour; null where nothing bounds it."
        ),
        seconds=described({"type": "number", "minimum": 0}, "How long at least; 0 where it is not known."),
    )


def _finding() -> Schema:
    return _object(
        "One finding of a policy.",
        policy=_text("Name of the policy."),
        pack=_text("Name of its policy pack."),
        level=_text("`mandatory`, `advisory`, or another word of the engine's."),
        message=_text("What it says."),
        resource=_maybe("Name of the resource it is about; null for all of them together."),
        type=_maybe("Pulumi type token of that resource."),
        why=_maybe("Why it matters; null where the policy does not tell."),
        fix=_maybe("What to do about it; null where the policy does not tell."),
    )


def _step() -> Schema:
    return _object(
        "One resource that changes.",
        change=described({"enum": [change.value for change in Change]}, "What happens to it."),
        type=_text("Its Pulumi type token, such as aws:s3/bucket:Bucket."),
        name=_text("The name the program gives it."),
        urn=_text("Its Pulumi URN."),
        loses_data=_maybe(
            "The name in cygni.yaml of the data that would be lost, which --allow-destroy takes; null when none is."
        ),
        properties=_array("For an update or a replacement, the properties that differ.", _property()),
    )


def _property() -> Schema:
    value = (
        "null where there is none, `[secret]` for a secret, `(known after apply)` for what is not known yet."
    )
    return _object(
        "One property that differs.",
        path=_text('Where it is in the resource\'s inputs, such as `tags["Name"]`.'),
        before=described({}, f"Its value now: {value}"),
        after=described({}, f"Its value then: {value}"),
        forces_replacement=_flag("Whether this change is why the resource is replaced."),
    )


def _object(text: str, /, **properties: Schema) -> Schema:
    """An object with exactly these properties, all of them present."""
    return {
        "description": text,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(description: str, items: Schema) -> Schema:
    return {"description": description, "type": "array", "items": items}


def _text(description: str) -> Schema:
    return {"description": description, "type": "string"}


def _maybe(description: str) -> Schema:
    return {"description": description, "type": ["string", "null"]}


def _count(description: str) -> Schema:
    return {"description": description, "type": "integer", "minimum": 0}


def _flag(description: str) -> Schema:
    return {"description": description, "type": "boolean"}
