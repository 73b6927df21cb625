"""Which services run with secrets that have other versions by now."""

from __future__ import annotations

from collections.abc import Mapping

from cygni.releases.protocols import ReleaseStore
from cygni.releases.release import Live, changed_secrets
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.secret_versions import secret_versions


def secret_changes(
    store: ReleaseStore, live: Live, clients: Clients, coming: Mapping[str, str]
) -> Mapping[str, tuple[str, ...]]:
    """By service the variables whose secrets have changed since the release that runs, as its record has them, or
    change now: `coming` has the versions of what is given, by the secret's name. Nobody is asked of a service without
    any. Raises StateError, Unreachable."""
    release = store.release(live.history[0]) if live.history else None
    if release is None:
        return {}
    recorded = {name: one for name, one in release.services.items() if one.secrets}
    now = secret_versions(clients, [one.revision for one in recorded.values()], coming)
    found = {name: changed_secrets(one.secrets, now[one.revision]) for name, one in recorded.items()}
    return {name: names for name, names in found.items() if names}
