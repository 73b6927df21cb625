"""One project, one size: made by Cygni and by Terraform, compared, changed, compared again."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.terraform import Project, Terraform, write_project
from benchmarks.terraform_json import Configuration, Schema, configuration, count, schema_of
from conformance.clouds import Difference, Pair, Reader, differences, renamed, same_names
from conformance.known_differences import NEWER_PROPERTIES, PENDING
from conformance.ours import Ours, local_cloud
from cygni.local_cloud import process
from cygni.plan.model import Change
from cygni.resources import is_cloud
from cygni.spec import ProjectSpec

REGION = "us-east-1"
_TIMEOUT = 1800.0  # seconds one command of Terraform's may take
_REPLACING = frozenset({Change.REPLACE})


@dataclass
class Outcome:
    """What came of one comparison. `resources` is how many both made; `disagreements` name resources that one
    replaces and the other does not; `pending` what Terraform would still change after its own apply."""

    environment: str
    resources: int = 0
    differences: set[Difference] = field(default_factory=set)
    disagreements: set[str] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)


class Comparison:
    """Compares in folders below `folder`; `told` hears what is being done."""

    def __init__(
        self,
        found: Terraform,
        folder: Path,
        environ: Mapping[str, str],
        told: Callable[[str], None],
    ) -> None:
        self.found = found
        self.folder = folder
        self.told = told
        self.terraform = Project(found, folder / "terraform", environ, _TIMEOUT)
        write_project(self.terraform.folder, found, "http://127.0.0.1:1", REGION, {})
        self.terraform.init()
        said = self.terraform.schema()
        self.schema: Schema = schema_of(said)
        self.services = services_of(said)

    def run(self, before: ProjectSpec, after: ProjectSpec) -> Outcome:
        """Deploys `before` with both, compares the clouds, and then what each would replace to come to `after`.

        Nothing is destroyed at the end: both clouds end with their processes. Raises CommandFailed where Terraform
        refuses what Cygni has made.
        """
        outcome = Outcome(before.environment)
        with (
            local_cloud(self.folder / "ours") as our_cloud,
            local_cloud(self.folder / "theirs") as their_cloud,
        ):
            ours, endpoint = Ours(our_cloud, before), process.start(their_cloud).endpoint
            self.told(f"{before.environment}: cx deploys")
            ours.deploy(before)
            first = self._written(ours, endpoint, outcome)
            self.told(f"{before.environment}: Terraform applies {count(first.resources)} resources")
            self.terraform.plan()
            self.terraform.apply_saved()
            self._compare(ours, endpoint, first, outcome)
            self.terraform.plan()
            outcome.pending |= set(_pending(self.terraform.planned()))
            self.told(f"{before.environment}: what a change replaces")
            steps = ours.deploy(after)
            second = self._written(ours, endpoint, outcome)
            self.terraform.plan()
            theirs = actions_of(self.terraform.planned(), PENDING)
            outcome.disagreements |= set(
                disagreements(steps, theirs, {**first.addresses, **second.addresses})
            )
        return outcome

    def _written(self, ours: Ours, endpoint: str, outcome: Outcome) -> Configuration:
        translated = configuration(ours.state(), self.schema, NEWER_PROPERTIES)
        outcome.left_out |= translated.left_out
        write_project(
            self.terraform.folder, self.found, endpoint, REGION, translated.resources, self.services
        )
        return translated

    def _compare(self, ours: Ours, endpoint: str, made: Configuration, outcome: Outcome) -> None:
        state = self.terraform.state()
        values = {one["address"]: one["values"] for one in state["values"]["root_module"]["resources"]}
        pairs = [
            Pair(one["urn"], one["type"], one, values[made.addresses[one["urn"]]])
            for stack in ours.state()
            for one in stack
            if is_cloud(str(one["type"]))
        ]
        outcome.resources = len(pairs)
        outcome.differences |= compared(pairs, Reader(ours.endpoint, REGION), Reader(endpoint, REGION))


def compared(pairs: Sequence[Pair], ours: Reader, theirs: Reader) -> set[Difference]:
    """Reads every pair in both clouds. A resource that one of them does not have is a difference too."""
    names = same_names(pairs)
    back = {mine: other for other, mine in names.items()}
    found: set[Difference] = set()
    for pair in pairs:
        known = dict(pair.ours.get("outputs") or {})
        mine = ours.read(pair.type, str(pair.ours["id"]), known)
        other = theirs.read(pair.type, pair.id_of_theirs(back), renamed(known, back))
        if mine is None or other is None:
            found.add(Difference(pair.type, "", "there" if mine else "gone", "there" if other else "gone"))
            continue
        found |= set(differences(pair.type, mine, renamed(other, names)))
    return found


def disagreements(
    steps: Mapping[str, Change], theirs: Mapping[str, Sequence[str]], addresses: Mapping[str, str]
) -> list[str]:
    """Resources that one of the two replaces or makes anew and the other does not, with what each does."""
    found = []
    for urn, address in addresses.items():
        change = steps.get(urn)
        mine = "replace" if change in _REPLACING else str(change) if change is not None else "same"
        actions = list(theirs.get(address, []))
        other = {"create+delete": "replace", "delete+create": "replace", "": "same"}.get(
            "+".join(actions), "+".join(actions)
        )
        if ("replace" in (mine, other)) and mine != other:
            found.append(f"{address}: ours {mine}, theirs {other}")
    return found


def services_of(schema: str) -> list[str]:
    """The names of all endpoints that the provider's configuration takes."""
    [provider] = json.loads(schema)["provider_schemas"].values()
    endpoints = provider["provider"]["block"]["block_types"]["endpoints"]["block"]["attributes"]
    return sorted(endpoints)


def actions_of(planned: Mapping[str, Any], unjudged: Collection[str] = ()) -> dict[str, list[str]]:
    """What Terraform would do, by address, without what stays.

    A replacement only for properties that are `unjudged` (as `type.property`) counts as an update: what the cloud
    does not tell the provider sees as changed.
    """
    found = {}
    for one in planned.get("resource_changes", []):
        change = one["change"]
        actions = list(change["actions"])
        causes = {f"{one['type']}.{path[0]}" for path in change.get("replace_paths") or ()}
        if causes and causes <= set(unjudged):
            actions = ["update"]
        if actions not in (["no-op"], ["read"]):
            found[one["address"]] = actions
    return found


def _pending(planned: Mapping[str, Any]) -> list[str]:
    """Top-level properties that Terraform would still change, as `type.property`."""
    found = []
    for one in planned.get("resource_changes", []):
        if one["change"]["actions"] in (["no-op"], ["read"]):
            continue
        before, after = one["change"]["before"] or {}, one["change"]["after"] or {}
        unknown = one["change"].get("after_unknown") or {}
        keys = {key for key in {*before, *after} if before.get(key) != after.get(key) and key not in unknown}
        found += [f"{one['type']}.{key}" for key in sorted(keys)] or [one["type"]]
    return found
