"""The secrets of a build: their values by the id that a Dockerfile mounts them by, found by reference.

A reference is `env:NAME`, a variable of whoever builds; `file:PATH`, a file of theirs; or the ARN of a secret of
Secrets Manager or a parameter of Systems Manager. Values go to the build tool in files, never as arguments or ARG.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from cygni.errors import BuildSecretMissing
from cygni.secret_references import reference
from cygni.secret_values import SecretMissing, fetch

VARIABLE: Final = "env:"
FILE: Final = "file:"
_SHORTEST: Final = 4
"""Characters: what is shorter is found in every text, and is no secret."""


def build_secrets(
    references: Mapping[str, str], folder: Path, environ: Mapping[str, str], client: Callable[[str, str], Any]
) -> dict[str, bytes]:
    """The values by id. Files are relative to `folder`; `client` makes boto3's client of a service and region.

    Raises BuildSecretMissing, which names the reference and never a value.
    """
    return {name: _value(name, one, folder, environ, client) for name, one in sorted(references.items())}


def _value(
    name: str, written: str, folder: Path, environ: Mapping[str, str], client: Callable[[str, str], Any]
) -> bytes:
    if written.startswith(VARIABLE):
        variable = written.removeprefix(VARIABLE)
        if not environ.get(variable):
            raise _missing(name, written, f"the variable {variable} is not set", f"Set {variable}")
        return environ[variable].encode("utf-8", "surrogateescape")
    if written.startswith(FILE):
        path = folder / Path(written.removeprefix(FILE)).expanduser()
        try:
            return path.read_bytes()
        except OSError as error:
            why = f"{path} cannot be read: {error.strerror or error}"
            raise _missing(name, written, why, "Make it readable") from error
    try:
        return fetch(reference(written, ""), client).encode()
    except SecretMissing as error:
        raise _missing(name, written, str(error), "Give credentials that may read it") from error


def _missing(name: str, written: str, why: str, what: str) -> BuildSecretMissing:
    return BuildSecretMissing(
        f"the secret {name} of the build cannot be had: {why}",
        hint=f"{what}, or correct `build.secrets` in cygni.yaml.",
        details={"id": name, "reference": written},
    )


class Redaction:
    """Takes secrets out of what a build says: each line of each value, where it is long enough to be one."""

    def __init__(self, values: Mapping[str, bytes]) -> None:
        lines = {
            line.strip()
            for value in values.values()
            for line in value.decode("utf-8", "replace").splitlines()
            if len(line.strip()) >= _SHORTEST
        }
        self._longest_first = sorted(lines, key=lambda line: (-len(line), line))

    def __call__(self, line: str) -> str:
        for secret in self._longest_first:
            line = line.replace(secret, "[secret]")
        return line
