"""What the shell completes in the place of names: those of cygni.yaml. Where there is none, nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from cygni.spec import AnyService


def services(ctx: Any, incomplete: str) -> list[str]:
    """Services of any kind; `ctx` is Click's, which knows the options typed so far."""
    return [name for name, _ in _services(ctx) if name.startswith(incomplete)]


def standing_services(ctx: Any, incomplete: str) -> list[str]:
    """Those that keep running."""
    return _of_kind(ctx, incomplete, ("web", "worker"))


def web_services(ctx: Any, incomplete: str) -> list[str]:
    """Those that answer requests."""
    return _of_kind(ctx, incomplete, ("web",))


def jobs(ctx: Any, incomplete: str) -> list[str]:
    """Those that run when they are asked to."""
    return _of_kind(ctx, incomplete, ("job",))


def counted_services(ctx: Any, incomplete: str) -> list[str]:
    """Those whose number of tasks can be said, up to the number."""
    return [f"{name}=" for name in standing_services(ctx, incomplete)]


def checks(ctx: Any, incomplete: str) -> list[str]:
    """Groups of checks, and checks."""
    from cygni.doctor.catalogue import names

    return [name for name in names() if name.startswith(incomplete)]


def _of_kind(ctx: Any, incomplete: str, kinds: Collection[str]) -> list[str]:
    return [name for name, one in _services(ctx) if one.kind in kinds and name.startswith(incomplete)]


def _services(ctx: Any) -> Iterator[tuple[str, AnyService]]:
    from cli.session import load_project
    from cygni.errors import CygniError

    try:
        spec = load_project(ctx.params.get("app"), ctx.params.get("env") or "local")
    except (CygniError, OSError):
        return
    yield from spec.services.items()
