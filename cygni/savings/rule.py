"""What a rule of saving is, what it looks at, and what it proposes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cygni.engine_documents.stored import Identity
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage_metrics import Metric
from cygni.resources import Resource
from cygni.savings.evidence import Evidence
from cygni.spec.sizes import Size, size_of


@dataclass(frozen=True)
class Situation:
    """What is deployed to an environment, and what is known of it. `unattached` are the URNs of addresses and disks
    that nothing uses, as the cloud says."""

    project: str
    environment: str
    resources: tuple[Resource, ...]
    identities: Mapping[str, Identity] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    unattached: frozenset[str] = frozenset()

    @cached_property
    def known(self) -> ResourceSet:
        return ResourceSet(self.resources)

    @property
    def is_production(self) -> bool:
        return size_of(self.environment) is Size.PRODUCTION

    def own_name(self, resource: Resource) -> str | None:
        """What cygni.yaml calls it; None for what is none of Cygni's components."""
        if "::cygni:" not in resource.urn:
            return None
        return resource.name.removeprefix(f"{self.project}-{self.environment}-")

    def id_of(self, resource: Resource) -> str:
        """What the cloud calls it, or else the program."""
        found = self.identities.get(resource.urn)
        return found.id if found is not None else resource.name


@dataclass(frozen=True, slots=True)
class Change:
    """What to do: in words, and as `settings` of the environment in cygni.yaml or as a `command`, where one does it."""

    says: str
    settings: Mapping[str, Any] | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal, without an amount yet. `subject` is the URN of what it is about, `changed` has what would be instead
    of every resource that changes, None where it would be gone. `seen` says in figures why; `caution` what to heed.
    With `by_use` it saves what depends on use, else fixed cost."""

    subject: str
    seen: str
    changed: Mapping[str, Resource | None]
    change: Change
    caution: str = ""
    by_use: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of saving. `says` and `judges` are sentences for people: what is saved, and by which figures it is
    judged; `source` is where these are from. `metrics` is what has to be asked of CloudWatch. `without_price` says why
    a proposal is told even if nobody knows what it saves."""

    name: str
    says: str
    judges: str
    source: str
    find: Callable[[Situation], Iterable[Candidate]]
    metrics: tuple[Metric, ...] = ()
    without_price: str = ""
