"""From a plan to what it did: the guards, the question, the apply, and what is told in the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from cli.cost_limits import CostOptions, Holding
    from cli.images import Images
    from cli.session import Session
    from cygni.releases.release import Deployment
    from cygni.spec import ProjectSpec
    from stacks.applying import Applied
    from stacks.planning import PlannedEnvironment


def deploy_spec(
    people: Console,
    opened: Session,
    spec: ProjectSpec,
    *,
    yes: bool,
    as_json: bool,
    costs: CostOptions,
    allowed: Collection[str],
    refresh: bool = False,
    images: Images | None = None,
) -> tuple[PlannedEnvironment, Applied, Holding]:
    """Plans `spec` for the environment that is open, then does as `carry_out` does. Raises what both raise."""
    planned, held = plan_spec(people, opened, spec, costs, refresh=refresh)
    applied = deploy_planned(
        people,
        opened,
        spec,
        planned,
        yes=yes,
        as_json=as_json,
        holding=held,
        allowed=allowed,
        images=images,
    )
    return planned, applied, held


def plan_spec(
    people: Console, opened: Session, spec: ProjectSpec, costs: CostOptions, *, refresh: bool
) -> tuple[PlannedEnvironment, Holding]:
    """Plans `spec` for the environment that is open, which first is mended where that is needed; with what the plan is
    to be held to."""
    from cli.cost_limits import holding
    from cli.progress_view import previewing
    from stacks.kept_secrets import hold_given
    from stacks.planning import plan_environment

    hold_given(spec, opened.given)
    held = holding(opened, spec, costs)
    with previewing(people) as progress:
        live = opened.live
        planned = plan_environment(
            opened.runner,
            opened.environment,
            spec,
            progress,
            refresh=refresh,
            settle=True,
            usage=opened.usage,
            live=live,
            changed_secrets=opened.changed_secrets(live),
            domains=opened.domains,
        )
    return held.warned(planned), held


def deploy_planned(
    people: Console,
    opened: Session,
    spec: ProjectSpec,
    planned: PlannedEnvironment,
    *,
    yes: bool,
    as_json: bool,
    holding: Holding,
    allowed: Collection[str],
    images: Images | None,
) -> Applied:
    """Does as `carry_out` does, once the images are made, and then makes live what the stacks have. Raises what both
    raise, and what the images do."""
    from cygni.plan.wording import question
    from cygni.targets.fargate.clients import Clients
    from stacks.kept_secrets import write_secrets

    asked = question(planned.plan)
    if images is not None:
        images.foretell()
    make = images.make if images is not None else lambda: None
    applied = carry_out(
        people, opened, planned, asked, make, yes=yes, as_json=as_json, holding=holding, allowed=allowed
    )
    if images is not None:
        images.publish()
    write_secrets(Clients(opened.environment.engine.environment), spec, opened.given)
    deployment = _release(people, opened, spec, planned, applied)
    if deployment is None and applied.steps:
        _keep_estimate(opened, planned)
    return replace(applied, deployment=deployment)


def _keep_estimate(opened: Session, planned: PlannedEnvironment) -> None:
    """What the environment costs from now on, where no release says it."""
    from cygni.actuals.keeping import kept_estimate
    from cygni.releases.estimate import EstimateRecord
    from stacks.releasing import SystemClock

    store = opened.releases
    if store is not None:
        store.add_estimate(EstimateRecord(SystemClock().now(), kept_estimate(planned.plan.cost.after)))


def _release(
    people: Console,
    opened: Session,
    spec: ProjectSpec,
    planned: PlannedEnvironment,
    applied: Applied,
) -> Deployment | None:
    """Makes live what the stacks have now. Raises what the deployment ended with."""
    from cli.release_session import ReleaseSession, left_half_done, waiting
    from cli.release_view import telling
    from cygni.actuals.keeping import kept_estimate
    from cygni.naming import Part
    from cygni.releases.author import author
    from cygni.releases.outcome import failure
    from cygni.releases.settle import warm
    from cygni.settings import Settings
    from cygni.targets.fargate.clients import Clients
    from cygni.targets.fargate.secret_versions import secret_versions
    from stacks.releasing import SystemClock, forget_live, release_of

    store = opened.releases
    if store is None:
        return None
    if planned.plan.emptied:
        forget_live(store)
    now, live = SystemClock().now(), store.live()
    if not (planned.plan.releases or live.unfinished or warm(live, now)):
        return None
    outputs = applied.outputs.get(Part.SERVICES, {})
    variables = opened.environment.engine.environment
    session = ReleaseSession(spec, Settings.from_environment(), outputs, variables)
    if not session.running.services:  # nothing keeps running any more, nor was left unfinished
        forget_live(store)
        return None
    estimate = kept_estimate(planned.plan.cost.after)
    revisions = [one.task_definition for one in session.running.services.values()]
    secrets = secret_versions(Clients(variables), revisions)
    release = release_of(spec, outputs, author=author(), estimate=estimate, now=now, secrets=secrets)
    with telling(people, opened.environment.records.folder, "cx deploy") as sink:
        releases = session.releases(sink, follow=people.is_terminal)
        with left_half_done(store, spec.environment):
            ended = releases.deploy(release, waiting(people, opened.lock_wait))
        releases.cool()
        session.leave_cooling(opened.file)
        if ended is not None and (error := failure(ended, releases.world.target)):
            raise error
    return ended


def carry_out(
    people: Console,
    opened: Session,
    planned: PlannedEnvironment,
    question: str,
    prepare: Callable[[], None],
    *,
    yes: bool,
    as_json: bool,
    holding: Holding,
    allowed: Collection[str],
) -> Applied:
    """Shows the plan, asks, and applies it once `prepare` has returned. `holding` has what it may cost, `allowed` names
    what may lose its data.

    Raises what the guards, the question, `prepare` and the apply raise.
    """
    from cli.consent import consent, hold_what_stays
    from cli.progress_view import progress_view
    from cygni.targets.fargate.clients import Clients
    from stacks.applying import apply
    from stacks.data_loss import permit_data_loss
    from stacks.revisions import families_gone, forget_families

    plan = planned.plan
    if plan.needs_consent:
        consent(people, plan, question, yes=yes, as_json=as_json, holding=holding, allowed=allowed)
    else:
        hold_what_stays(people, plan, as_json=as_json)
    planned = permit_data_loss(opened.runner, opened.environment, planned, allowed)
    prepare()
    with progress_view(people) as progress:
        applied = apply(opened.runner, opened.environment, planned, progress)
    forget_families(families_gone(plan), Clients(opened.environment.engine.environment))
    return applied


def report(
    people: Console,
    planned: PlannedEnvironment,
    applied: Applied,
    holding: Holding,
    *,
    as_json: bool,
    as_it_should_be: str,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Tells what was done: to programs as one object, with `more` in it, to people in a line or a few; in the currency
    of `holding`.

    `as_it_should_be` ends the sentence `No changes: hello (staging) is ...`.
    """
    from cli.event_file import telling_plan
    from cli.github_actions import add_to_summary
    from cli.outputs_view import flat_outputs, show_addresses
    from cli.release_session import deployment_document
    from cli.terminal import answer, for_people
    from cygni.plan.document import plan_document
    from cygni.plan.wording import done_summary, unchanged_text

    plan = holding.shown(planned.plan)
    released = f" Release {applied.deployment.release} is live." if applied.deployment else ""
    done = f"{done_summary(plan, applied.steps)}{released}"
    if plan.needs_consent:
        add_to_summary(f"**Done:** {done}", os.environ)
    if as_json:
        outputs = flat_outputs(applied.outputs)
        document = {"plan": plan_document(plan), "applied": applied.steps, "outputs": outputs}
        answer({**document, "release": deployment_document(applied.deployment), **(more or {})})
    if not for_people(as_json=as_json):
        return
    if not plan.needs_consent:
        with telling_plan():
            people.print(unchanged_text(plan, as_it_should_be), soft_wrap=True)
    else:
        people.print(f"[green]Done:[/] {done}")
        show_addresses(people, applied.outputs, plan.environment)
