"""How a plan is put into words, the same for every renderer (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby, takewhile
from typing import Any

from cygni.plan.inside_json import spelled_out
from cygni.plan.model import (
    Change,
    Drift,
    Plan,
    PlannedRelease,
    PolicyFinding,
    PropertyChange,
    Rollout,
    StackPlan,
    StackStatus,
    TemporaryCost,
)
from cygni.pricing.wording import delta_text, estimate_text, money
from cygni.resources import UNKNOWN, short_type

_VERBS = {
    Change.CREATE: "to create",
    Change.UPDATE: "to update",
    Change.REPLACE: "to replace",
    Change.DELETE: "to delete",
}
_LONGEST = 80
_SHORTEST = 12
_CONTEXT = 8
"""How much is kept of what two values begin with alike, where they are cut, in characters."""


def headline(plan: Plan) -> tuple[str, ...]:
    """What is planned and where it is, in pieces."""
    return (plan.project, plan.environment, plan.region, _place(plan) or "AWS")


def subject(plan: Plan) -> str:
    """What is planned and where it is, as a question names it."""
    account = f", {_place(plan)}" if plan.account else ""
    return f"{plan.project} ({plan.environment}{account})"


def whose_prices(target: str) -> str:
    """Who would charge what an estimate says, where that is nobody; empty on AWS."""
    return "what AWS would charge; the local cloud costs nothing" if target == "local" else ""


def _place(plan: Plan) -> str:
    if plan.target == "local":
        return "local cloud"
    return f"account {plan.account}" if plan.account else ""


def finding_text(finding: PolicyFinding) -> str:
    """A policy's finding in one line."""
    about = f"{finding.resource}: " if finding.resource else ""
    return f"{finding.level} policy {finding.policy}: {about}{' '.join(finding.message.split())}"


def finding_lines(findings: Iterable[PolicyFinding]) -> Iterator[tuple[PolicyFinding, tuple[str, ...]]]:
    """Each finding with what is to be said below it: why it matters and the fix, once for findings of one policy
    that follow each other."""
    for _, found in groupby(findings, key=lambda finding: (finding.pack, finding.policy)):
        *before, last = found
        yield from ((finding, ()) for finding in before)
        reasons = (("why", last.why), ("fix", last.fix))
        yield last, tuple(f"{word}: {text}" for word, text in reasons if text)


def stack_line(stack: StackPlan) -> str:
    """What is to be said of one stack in one line."""
    if stack.status is StackStatus.SKIPPED:
        return "nothing changed since its last deploy: skipped"
    if stack.status is StackStatus.UNCHANGED:
        return "no changes"
    counts = {change: sum(step.change is change for step in stack.steps) for change in Change}
    return _counted(counts)


def change_summary(plan: Plan) -> str:
    """The whole plan in one line."""
    if not plan.has_changes and plan.releases:
        return f"{counted(len(plan.releases), 'service')} to release, and no other changes."
    if not plan.has_changes:
        return f"No changes, but {_drift(plan)}." if plan.drifted else "No changes."
    released = f"; {counted(len(plan.releases), 'service')} to release" if plan.releases else ""
    return f"{counted(len(plan.steps), 'change')}: {_counted(plan.counts())}{released}"


def unchanged_text(plan: Plan, as_it_should_be: str) -> str:
    """`No changes: shop (staging) is as the project says. Cost $18.02 a month, delta $0.00.`"""
    return (
        f"No changes: {plan.project} ({plan.environment}) is {as_it_should_be}. "
        f"Cost {estimate_text(plan.cost.after)} a month, delta {delta_text(plan.cost)}."
    )


def _some(names: Sequence[str]) -> str:
    """`A, B and 2 more`."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


_SHOWN = 2
_WHAT = {Rollout.FIRST: "first release", Rollout.VERSION: "new version", Rollout.SECRETS: "new tasks"}


def release_line(release: PlannedRelease) -> str:
    """What is to be said of one release in one line."""
    tasks = counted(release.after, "task")
    if release.before not in (0, release.after):
        tasks = f"{release.before} → {tasks}"
    if release.rollout is Rollout.COUNT:
        return f"{release.service}: {release.before} → {counted(release.after, 'task')}"
    what = _WHAT[release.rollout]
    if release.secrets and release.rollout is not Rollout.FIRST:
        what += f" ({_some(release.secrets)} changed)"
    how = f", {release.strategy}" if release.strategy else ""
    return f"{release.service}: {what}{how}, {tasks}"


def floor_text(plan: Plan) -> str:
    """The least time that the releases of a plan take; empty if there is nothing to say."""
    if not plan.releases or not plan.floor:
        return ""
    return f"at least {duration_text(plan.floor)}: start, health checks, and what the strategy waits for"


def temporary_text(cost: TemporaryCost) -> str:
    """`both colours of web: $0.0247 an hour, for at least 60 min: $0.0247`; `at most $0.0247 an hour` where it has no
    price and is bounded."""
    hourly = cost.hourly if cost.hourly is not None else cost.hourly_at_most
    if hourly is None:
        return f"{cost.what}: unknown, without a price"
    bound = "at most " if cost.hourly is None else ""
    text = f"{cost.what}: {bound}{money(hourly, cost.currency, hourly=True)} an hour"
    if not cost.seconds:
        return text
    whole = hourly * Decimal(str(cost.seconds)) / 3600
    return f"{text}, for at least {duration_text(cost.seconds)}: {money(whole, cost.currency, hourly=True)}"


def duration_text(seconds: float) -> str:
    """`40 s`, `2 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return " ".join(
        part
        for part in (f"{minutes} min" if minutes else "", f"{rest} s" if rest or not minutes else "")
        if part
    )


def question(plan: Plan) -> str:
    """What to ask before a plan is applied."""
    if not plan.has_changes and plan.releases:
        return f"Release {', '.join(one.service for one in plan.releases)} of {subject(plan)}?"
    if not plan.has_changes:
        return f"Take into the state of {subject(plan)} what was changed outside?"
    return f"Apply these changes to {subject(plan)}?"


def done_summary(plan: Plan, steps: int) -> str:
    """What an apply of `plan` has done, in one line."""
    if not plan.has_changes and not plan.drifted:
        return "no resource changed."
    if not plan.has_changes:
        return f"{_drift(plan)}, which the state has now."
    return f"{counted(steps, 'change')} applied."


def _drift(plan: Plan) -> str:
    return f"{counted(len(plan.drifted), 'resource')} changed outside of Cygni"


def counted(count: int, what: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _counted(counts: Mapping[Change, int]) -> str:
    return ", ".join(f"{count} {_VERBS[change]}" for change, count in counts.items() if count)


def emptied_text(plan: Plan) -> str:
    """What became of everything in the local cloud, in one line, once for all of it."""
    doing = "forgotten" if plan.destroy else "created again"
    return f"The local cloud was restarted or reset and is empty: what the state lists is {doing}."


def told_drift(plan: Plan, drift: Iterable[Drift]) -> tuple[Drift, ...]:
    """What is to be told of `drift` one by one: not what is gone with the whole local cloud."""
    return tuple(one for one in drift if not (plan.emptied and one.gone))


def drifted_names(drift: Iterable[Drift]) -> tuple[str, ...]:
    """Each resource that was changed outside, by type and name."""
    return tuple(dict.fromkeys(f"{short_type(one.type)} {one.name}" for one in drift))


def drift_lines(drift: Drift, *, width: int | None = None) -> tuple[str, ...]:
    """What happened to one resource outside of Cygni, a line for each property, as `property_text` has it."""
    what = f"{short_type(drift.type)} {drift.name}: "
    if drift.gone:
        return (f"{what}gone",)
    left = None if width is None else width - len(what)
    return tuple(what + text for one in drift.properties for text in property_texts(one, width=left))


def property_texts(change: PropertyChange, *, width: int | None = None) -> tuple[str, ...]:
    """`property_text` of a change, or of each change inside of it where it is JSON text."""
    return tuple(property_text(one, width=width) for one in spelled_out(change))


def property_text(change: PropertyChange, *, width: int | None = None) -> str:
    """`cpu: "256" → "512"`. Values too long to read are cut; with `width`, in characters, both so that they fit and
    their difference is seen, though no value to fewer than `_SHORTEST`."""
    before, after = _value_text(change.before), _value_text(change.after)
    room = 2 * _LONGEST
    if width is not None:
        room = min(room, max(width - len(change.path) - len(":  → "), 2 * _SHORTEST))
    if len(before) + len(after) > room:
        before, after = _both_cut(before, after, room)
    return f"{change.path}: {before} → {after}"


def _both_cut(before: str, after: str, room: int) -> tuple[str, str]:
    """Both in `room` characters together: without what they begin with alike, then without their middle."""
    alike = (
        sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
        - _CONTEXT
    )
    if alike > 1:
        before, after = f"…{before[alike:]}", f"…{after[alike:]}"
    shorter = min(len(before), len(after), room // 2)
    longest = room - shorter
    return _without_middle(before, longest), _without_middle(after, longest)


def _without_middle(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    end = longest // 2
    return f"{text[: longest - end - 1]}…{text[-end:]}"


def _value_text(value: Any) -> str:
    if value is None:
        return "(none)"
    if value is UNKNOWN:
        return "(known after apply)"
    return json.dumps(readable(value), ensure_ascii=False, sort_keys=True)


def readable(value: Any) -> Any:
    """`value` with every UNKNOWN inside it as text, so that it can be written as JSON."""
    if value is UNKNOWN:
        return "(known after apply)"
    if isinstance(value, Mapping):
        return {str(key): readable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [readable(inner) for inner in value]
    return value
