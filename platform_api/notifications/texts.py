"""What is said, in words: the one place for the texts of notifications (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from platform_api.deployments.kinds import Kind
from platform_api.notifications.occasions import FORECAST, TEST, Occasion

_LONGEST: Final = 1500
"""Characters of an error: what is longer is read where it was told."""
_SAID: Final[Mapping[str, tuple[str, str]]] = {
    Occasion.NEEDS_APPROVAL: (
        "needs approval",
        "Its plan is made and waits for somebody who may approve it.",
    ),
    Occasion.SUCCEEDED: ("was deployed", "The deployment succeeded."),
    Occasion.FAILED: ("was not deployed", "The deployment failed."),
    Occasion.ROLLED_BACK: ("was rolled back", "It serves an earlier release again."),
    TEST: ("is watched", "This is a test. You get messages like this one of deployments."),
}

_FAILED: Final[Mapping[str, tuple[str, str]]] = {
    Kind.SCALE: ("was not scaled", "Other numbers of tasks were asked for, and do not run."),
    Kind.RESTART: ("was not restarted", "New tasks were asked for, and do not run."),
    Kind.RUN: ("had a job that failed", "The job that was run failed."),
    Kind.DESTROY: ("was not destroyed", "What the environment has was to be deleted, and is not."),
}


@dataclass(frozen=True, slots=True)
class Text:
    """`subject` is one line."""

    subject: str
    body: str


def text_of(occasion: str, data: Mapping[str, Any]) -> Text:
    """`data` is what `announce` has kept: `project`, `environment`, `deployment` and its
    `kind`, and where there are such
    `monthly_delta` (USD) and `error` (a message). A test has none of them. Of budgets see `_of_budget`."""
    if "budget" in data:
        return _of_budget(data)
    if occasion == Occasion.INVOICE_FINALIZED:
        return _of_new_invoice(data)
    if occasion == Occasion.PAYMENT_OVERDUE:
        return _of_invoice(data)
    what, sentence = _SAID[occasion]
    if occasion == Occasion.FAILED:
        what, sentence = _FAILED.get(str(data.get("kind")), (what, sentence))
    place = f"{data['project']}/{data['environment']}" if "project" in data else "Cygni"
    lines = [sentence]
    if data.get("monthly_delta") is not None:
        lines.append(f"Cost: {_signed(str(data['monthly_delta']))} USD a month.")
    if data.get("error"):
        lines.append(f"Error: {str(data['error'])[:_LONGEST]}")
    if data.get("deployment"):
        asked = f"{data['deployment']} --project {data['project']} -e {data['environment']}"
        lines.append(f"See it with: cx attach {asked}")
    return Text(_line(f"{place} {what}"), "\n".join(lines))


def _of_budget(data: Mapping[str, Any]) -> Text:
    """`data` as `platform_api.budgets.alerts` has it."""
    name, unit, threshold = data["budget"], data["unit"], data["threshold"]
    if threshold == FORECAST:
        what = f"is expected to reach {data['forecast']} of {data['amount']} {unit}"
    else:
        what = f"is used to {threshold} %" if threshold != "100" else "is used up"
    lines = [f"Used: {data['used']} of {data['amount']} {unit}, since {data['start'][:10]}."]
    if data["forecast"] is not None:
        lines.append(f"Expected by {data['end'][:10]}, by the pace so far: {data['forecast']} {unit}.")
    if threshold == "100" and data["hard_limit"]:
        lines.append("New deployments are refused that need more of it. Nothing is deleted.")
    lines.append(f"See it with: cx budget show {name}")
    return Text(_line(f"The budget {name} {what}"), "\n".join(lines))


def _of_new_invoice(data: Mapping[str, Any]) -> Text:
    """`data` as `platform_api.invoices.announcing` has it."""
    number, amount = data["number"], f"{data['total']} {data['currency']}"
    due = "Nothing is to be paid." if data["state"] == "paid" else f"It is due on {data['due_at'][:10]}."
    period = f"{data['period_start'][:10]} to {data['period_end'][:10]}"
    lines = [f"{amount} for {period}. {due}", f"See it with: cx invoices show {number}"]
    return Text(_line(f"The invoice {number} of {amount}"), "\n".join(lines))


def _of_invoice(data: Mapping[str, Any]) -> Text:
    """`data` as `platform_api.budgets.payment` has it."""
    until, held = data["held_at"][:10], data["notice"] == "held"
    since = "could not be collected on" if data.get("failed") else "was due on"
    what = f"The invoice {data['invoice']} of {data['amount']} {since} {data['since'][:10]} and is not paid."
    follows = (
        "New deployments are refused and previews are paused until it is. Nothing is deleted, production runs."
        if held
        else f"If it is not by {until}, new deployments are refused and previews are paused. Nothing is deleted."
    )
    return Text(_line(f"The invoice {data['invoice']} is not paid"), f"{what}\n{follows}")


def slack_message(text: Text) -> dict[str, str]:
    """The body for an incoming webhook of Slack, which reads `&`, `<` and `>` as its own."""
    return {"text": f"*{_escaped(text.subject)}*\n{_escaped(text.body)}"}


def _signed(amount: str) -> str:
    return amount if amount.startswith("-") else f"+{amount}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
