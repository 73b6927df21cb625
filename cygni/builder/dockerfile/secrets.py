"""How a Dockerfile that Cygni writes uses the secrets of a build: in the steps of its first stage, where they are
mounted, and in no layer (pure).

An id that is a name of a variable becomes one, an id of a well-known file that file. Any other is where Docker puts
it, `/run/secrets/ID`, for what the project runs itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cygni.builder.dockerfile.recipe import HOME

_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_FILES: Final = {
    "npmrc": f"{HOME}/.npmrc",
    "netrc": f"{HOME}/.netrc",
    "pip.conf": f"{HOME}/.config/pip/pip.conf",
    "settings.xml": f"{HOME}/.m2/settings.xml",
    "gradle.properties": f"{HOME}/.gradle/gradle.properties",
    "nuget.config": f"{HOME}/.nuget/NuGet/NuGet.Config",
    "credentials.toml": "/usr/local/cargo/credentials.toml",
}
"""Where npm, pnpm and Bun; curl, pip, uv and Go; pip; Maven; Gradle; NuGet; Cargo look for what lets them in."""


def mounts(ids: Iterable[str]) -> list[str]:
    """The options of RUN that mount the secrets. A build without them fails, instead of without a login."""
    places = {one: _FILES.get(one) for one in sorted(ids)}
    return [
        f"--mount=type=secret,id={one}{f',target={place}' if place else ''},required=true"
        for one, place in places.items()
    ]


def exports(ids: Iterable[str]) -> list[str]:
    """What a step begins with: the secrets that are variables, for it alone. `env=` of a mount would do the same, and
    older tools do not know it."""
    variables = sorted(one for one in ids if _VARIABLE.fullmatch(one))
    return [f'export {one}="$(cat /run/secrets/{one})"' for one in variables]
