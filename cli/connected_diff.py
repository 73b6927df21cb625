"""`cx diff` through a control plane."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.diff_report import DiffReport, telling_of_failure
from cygni.errors import CygniError

if TYPE_CHECKING:
    from cygni.control_plane.deployments import Deployments
    from cygni.plan.model import Plan


def diff_there(
    there: Deployments, app: Path | None, options: Mapping[str, Any], report: DiffReport, *, as_json: bool
) -> Plan:
    """Shows and reports the plan that the control plane makes as a diff here does. Raises UsageError, what `Following`
    and `DiffReport.tell` raise, and why a deploy would be refused."""
    from cli.connected_deploy import begin
    from cli.connected_plan import converted
    from cli.terminal import answer
    from cygni.plan.reading import plan_of

    with telling_of_failure(report.commenting):
        made = begin(there, app, {**options, "plan_only": True})
        document, refused = _planned(there, made["id"], report, as_json=as_json)
    plan = report.tell(plan_of(document), refused)
    told = converted(document, report.exchange)
    if refused is not None:
        if as_json:
            refused.details["plan"] = told
        raise refused
    if as_json:
        answer(told)
    return plan


def _planned(
    there: Deployments, deployment: str, report: DiffReport, *, as_json: bool
) -> tuple[Mapping[str, Any], CygniError | None]:
    """The plan, and why a deploy would be refused. Raises what ended the deployment without a plan."""
    from cli.connected_plan import plan_view
    from cli.following import Following

    view = _shown_as_markdown if report.markdown else plan_view(report.exchange, tells_unchanged=False)
    following = Following(there, deployment, as_json=as_json, planned=view)
    try:
        return following.to_its_end()["plan"], None
    except CygniError as error:
        found = there.read(deployment)
        if found["status"] != "failed" or found["plan"] is None:
            raise
        return found["plan"], error


def _shown_as_markdown(plan: Mapping[str, Any]) -> None:
    """People get it on stdout, once."""
