"""`cx deploy`: plan, cost, confirmation, apply."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import (
    AllowDestroy,
    App,
    BuildTool,
    CodeBuildProject,
    Currency,
    Debug,
    Env,
    ExpectPlan,
    Here,
    Json,
    LockWait,
    MaxCostIncrease,
    Refresh,
    Timeout,
    Yes,
)
from cli.preflight import SkipDoctor

if TYPE_CHECKING:
    from cli.session import Session
    from cygni.plan.model import Plan

EXAMPLES = (
    "cx deploy",
    "cx deploy -e staging --yes --max-cost-increase 25",
    "cx deploy -e production --detach",
)
Detach = Annotated[
    bool, typer.Option("--detach", help="Go on in a process of its own after the question; see cx attach.")
]
_HANDOVER = 60.0
"""Seconds that the process waits for the environment's lock, which the terminal's command gives back."""


def deploy(
    app: App = None,
    env: Env = "local",
    yes: Yes = False,
    as_json: Json = False,
    max_cost_increase: MaxCostIncrease = None,
    currency: Currency = None,
    allow_destroy: AllowDestroy = None,
    refresh: Refresh = False,
    lock_wait: LockWait = 0.0,
    timeout: Timeout = 3600.0,
    tool: BuildTool = None,
    codebuild_project: CodeBuildProject = None,
    detach: Detach = False,
    expect_plan: ExpectPlan = "",
    skip_doctor: SkipDoctor = False,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Show what would change and what it would cost, ask, and apply it. Where you are signed in to a control plane that
    has the environment, it does that."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_deploy import deploy_there, order
        from cli.connected_plan import shown_there
        from cli.session import load_project

        shown = shown_there(currency, load_project(app, env))
        ordered = order(shown, refresh=refresh, max_cost_increase=max_cost_increase, timeout=timeout)
        ordered["allow_destroy"] = list(allow_destroy or ())
        deploy_there(
            there, app, ordered, yes=yes, as_json=as_json, detach=detach, expected=expect_plan, shown=shown
        )
        return
    from cli.carry_out import deploy_planned, plan_spec, report
    from cli.consent import consent, hold_to
    from cli.cost_limits import CostOptions
    from cli.github_actions import add_plan_to_summary
    from cli.images import images_of
    from cli.preflight import preflight
    from cli.remote_builds import BuildChoice
    from cli.session import session
    from cli.terminal import console
    from cygni.plan.wording import question
    from cygni.targets.fargate.clients import Clients

    people, allowed = console(), allow_destroy or ()
    choice = BuildChoice(tool, codebuild_project)
    if not (skip_doctor or expect_plan):
        preflight(people, app, env)
    with session(app, env, lock_wait=lock_wait, doing="cx deploy", timeout=timeout) as opened:
        spec = opened.tagged_spec
        planned, held = plan_spec(
            people, opened, spec, CostOptions(max_cost_increase, currency), refresh=refresh
        )
        hold_to(planned.plan, expect_plan)
        add_plan_to_summary(held.shown(planned.plan), os.environ)
        detach = detach and planned.plan.needs_consent  # else there is nothing to wait for
        if detach:
            asked = question(planned.plan)
            consent(
                people,
                planned.plan,
                asked,
                yes=yes,
                as_json=as_json,
                allowed=allowed,
                holding=held,
            )
        else:
            applied = deploy_planned(
                people,
                opened,
                spec,
                planned,
                yes=yes,
                as_json=as_json,
                holding=held,
                allowed=allowed,
                images=images_of(spec, opened.folder, Clients(opened.environment.engine.environment), choice),
            )
    if detach:
        options = [*(["--refresh"] if refresh else []), *choice.arguments]
        if max_cost_increase is not None:
            options += ["--max-cost-increase", max_cost_increase.argument]
        options += ["--currency", held.exchange.currency]
        options += [part for name in allowed for part in ("--allow-destroy", name)]
        options += ["--timeout", f"{timeout:.0f}s", "--lock-wait", f"{max(lock_wait, _HANDOVER):.0f}s"]
        _go_on_alone(opened, held.shown(planned.plan), options, as_json=as_json)
    else:
        report(people, planned, applied, held, as_json=as_json, as_it_should_be="as the project says")


def _go_on_alone(opened: Session, plan: Plan, options: list[str], *, as_json: bool) -> None:
    """Lets the deploy go on in a process of its own, held to the plan that was shown."""
    from cli.detached import detach
    from cli.terminal import answer, console
    from cygni.plan.document import plan_digest, plan_document

    env = opened.environment.name
    arguments = ["deploy", "--here", "--app", str(opened.file.absolute()), "--env", env, "--yes", *options]
    left = detach(opened.environment.records.folder, [*arguments, "--expect-plan", plan_digest(plan)])
    if as_json:
        answer({"plan": plan_document(plan), "detached": {"pid": left.pid, "folder": str(left.folder)}})
    else:
        console().print(
            f"The deploy goes on in a process of its own ({left.pid}). See it with: cx attach -e {env}"
        )
