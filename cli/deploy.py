"""`cx deploy`: plan, cost, confirmation, apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.options import AllowDestroy, App, Debug, Env, Json, LockWait, MaxCostIncrease, Refresh, Timeout, Yes

if TYPE_CHECKING:
    from rich.console import Console

    from cli.session import Session
    from cygni.spec import ProjectSpec

EXAMPLES = ("cx deploy", "cx deploy -e staging --yes --max-cost-increase 25")


def deploy(
    app: App = None,
    env: Env = "local",
    yes: Yes = False,
    as_json: Json = False,
    max_cost_increase: MaxCostIncrease = None,
    allow_destroy: AllowDestroy = None,
    refresh: Refresh = False,
    lock_wait: LockWait = 0.0,
    timeout: Timeout = 3600.0,
    debug: Debug = False,
) -> None:
    """Show what would change and what it would cost, ask, and apply it."""
    from cli.carry_out import deploy_spec, report
    from cli.session import session
    from cli.terminal import console

    people = console()
    with session(app, env, lock_wait=lock_wait, doing="cx deploy", timeout=timeout) as opened:
        spec = opened.tagged_spec
        planned, applied = deploy_spec(
            people,
            opened,
            spec,
            yes=yes,
            as_json=as_json,
            limit=max_cost_increase,
            allowed=allow_destroy or (),
            refresh=refresh,
            prepare=lambda: _make_images(people, opened, spec),
        )
    report(people, planned, applied, as_json=as_json, as_it_should_be="as the project says")


def _make_images(people: Console, opened: Session, spec: ProjectSpec) -> None:
    """What services of the local cloud run, before they are told to."""
    from cygni.local_cloud.images.store import ImageStore
    from cygni.local_cloud.process import local_cloud_folder
    from stacks.builds import make_images

    def tell(step: str) -> None:
        people.print(f"building {step}", markup=False, soft_wrap=True)

    make_images(spec, opened.folder, ImageStore(local_cloud_folder()), tell)
