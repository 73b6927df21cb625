"""A plan as a comment on a pull request: whether it is worth one, and what stands around it (pure)."""

from __future__ import annotations

import re
from decimal import Decimal

from cygni.errors import CygniError
from cygni.markdown import code, escaped
from cygni.plan.model import Plan
from cygni.pricing.guards import worth_telling


def comment_name(project: str, environment: str) -> str:
    """What a comment is found again by: there is one for each environment of a project."""
    return f"cygni:plan:{project}:{environment}"


def is_worth_a_comment(plan: Plan, above: Decimal | None, refused: CygniError | None) -> bool:
    """Whether a plan begins a comment where there is none yet: it changes something, and its cost differs by more than
    `above` a month, in its currency, if that is given. What a deploy would refuse, or would lose data by, always
    does."""
    if refused is not None or any(step.stateful for step in plan.unprotected(())):
        return True
    return plan.needs_consent and (above is None or worth_telling(plan.cost, above))


def failure_markdown(project: str, environment: str, error: CygniError) -> str:
    """In place of a plan that could not be made."""
    title = " · ".join(escaped(text) for text in (project, environment))
    parts = [f"### Cygni: {title}", f"**There is no plan:** {escaped(error.message)[:2000]}"]
    if error.hint:
        parts.append(escaped(error.hint)[:2000])
    return "\n\n".join(parts) + "\n"


def signature(commit: str, job: str) -> str:
    """What a comment is about; empty where nothing is known."""
    parts = [f"Commit {code(commit[:12])}"] if re.fullmatch(r"[0-9a-f]{7,64}", commit) else []
    if re.fullmatch(r"https?://[^\s()<>]+", job):
        parts.append(f"[log of the job]({job})")
    return " · ".join(parts)
