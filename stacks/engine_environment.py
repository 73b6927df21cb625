"""What the engine, its language host and its providers see of the caller's environment variables (pure).

A stack must come out the same whoever's shell it is deployed from. A passphrase, a back end or an access token
of the engine set there would read or encrypt Cygni's state differently; an endpoint or a profile of AWS would
take the local cloud's resources elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stacks.operations import EngineSettings

_TOKEN = "PULUMI_ACCESS_TOKEN"  # the variable's name


def caller_environment(caller: Mapping[str, str], settings: EngineSettings) -> dict[str, str]:
    """The caller's variables without any `PULUMI_*` (but for the token that opens Pulumi Cloud, where the state is
    there), without any `AWS_*` where `settings` are sealed, and without Cygni's own URL of the state."""
    foreign = ("PULUMI_", "AWS_", "CYGNI_STATE") if settings.sealed else ("PULUMI_", "CYGNI_STATE")
    kept = {name: value for name, value in caller.items() if not name.upper().startswith(foreign)}
    if settings.backend_url.startswith("https:") and _TOKEN in caller:
        kept[_TOKEN] = caller[_TOKEN]
    return kept


def engine_environment(settings: EngineSettings, temporary: Path) -> dict[str, str]:
    """What Cygni sets for the engine, over `caller_environment`. `temporary` is its temporary folder."""
    environment = {
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(settings.passphrase_file),
        "PULUMI_BACKEND_URL": settings.backend_url,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "TMPDIR": str(temporary),
        **settings.environment,
    }
    if settings.plugins:
        environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    return environment
