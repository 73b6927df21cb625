"""`cx feedback`: what a report of a problem needs, without secrets, in a file. Nothing is sent."""

from __future__ import annotations

import getpass
import os
import platform
import re
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import App, Debug, Env, Json
from cygni.errors import CygniError, UsageError

if TYPE_CHECKING:
    from cygni.feedback.redaction import Redaction
    from cygni.settings import Settings

EXAMPLES = ("cx feedback", "cx feedback -e production --output report.zip", "cx feedback --with-config")
_EVENT_FILES = 3
_READ = re.compile(
    r"^(?:CYGNI_|CX_|AWS_|PULUMI_|CI$|GITHUB_ACTIONS$|GITLAB_CI$|BITBUCKET_BUILD_NUMBER$|.*_PROXY$|NO_COLOR$)",
    re.IGNORECASE,
)

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="The archive.", show_default="cygni-feedback-TIME.zip"
    ),
]
WithConfig = Annotated[
    bool, typer.Option("--with-config", help="Add cygni.yaml, without the values of its variables.")
]


def feedback(
    app: App = None,
    env: Env = "local",
    output: Output = None,
    with_config: WithConfig = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write what a report of a problem needs into a file, without secrets. Sends nothing.

    Versions, what the quick checks of the doctor find, what the last deploys told. No value of cygni.yaml,
    unless asked.
    """
    from cygni.feedback.bundle import archive, bundle
    from cygni.settings import Settings

    name = f"cygni-feedback-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    path = output or Path(f"{name}.zip")
    settings = Settings.from_environment()
    spec = _spec(app)
    files = bundle(_parts(app, env, settings, spec, with_config=with_config), _redaction(settings, spec))
    _write(path, archive(files, name))
    _tell(path, files, as_json=as_json)


def _parts(app: Path | None, env: str, settings: Settings, spec: Any, *, with_config: bool) -> dict[str, Any]:
    import yaml

    from cli.version import versions
    from cygni.feedback.bundle import project_counts
    from cygni.feedback.redaction import without_variables

    system = {"system": platform.platform(), "machine": platform.machine(), "cpus": os.cpu_count()}
    parts: dict[str, Any] = {
        "versions.json": {**versions(), **system},
        "settings.json": sorted(one for one in os.environ if _READ.match(one)),
        "doctor.json": _doctor(app, env, with_config=with_config),
        "project.json": project_counts(spec),
        **_events(settings, spec, env),
    }
    if with_config and spec is not None:
        parts["cygni.yaml"] = yaml.safe_dump(without_variables(spec), sort_keys=False)
    return parts


def _spec(app: Path | None) -> Any:
    """What cygni.yaml says, as far as it is YAML at all; None where there is none."""
    import yaml

    from cli.session import spec_file

    try:
        return yaml.safe_load(spec_file(app).read_text(encoding="utf-8"))
    except (CygniError, OSError, ValueError, yaml.YAMLError):
        return None


def _doctor(app: Path | None, env: str, *, with_config: bool) -> Any:
    """The quick checks; of a mistake in cygni.yaml, which quotes it, only that there is one."""
    from cli.doctor import examined
    from cygni.doctor.catalogue import QUICK
    from cygni.doctor.check import Group
    from cygni.doctor.running import run_checks
    from stacks.examination import sources

    try:
        results = run_checks(QUICK, sources(examined(app, env)), seconds=10.0)
    except CygniError as error:
        return {"error": {"code": error.code, "message": error.message}}
    found = [one.to_dict() for one in results]
    for one in found:
        if one["group"] == Group.PROJECT.value and not with_config:
            one["evidence"] = one["fix"] = ""
    return found


def _events(settings: Settings, spec: Any, env: str) -> dict[str, Any]:
    """What the last deploys of an environment told, the newest first."""
    from cli.event_file import folders, lines
    from cygni.feedback.bundle import events_kept
    from stacks.target import environment_folder

    project = spec.get("project") if isinstance(spec, dict) else None
    if not isinstance(project, str) or not re.fullmatch(r"[a-z0-9-]+", project):
        return {}
    newest = folders(environment_folder(settings, project, env))[:_EVENT_FILES]
    return {f"events-{number}.ndjson": events_kept(lines(one)) for number, one in enumerate(newest, 1)}


def _redaction(settings: Settings, spec: Any) -> Redaction:
    from cygni.feedback.redaction import Redaction, secret_values, variable_values

    secrets = [*secret_values(os.environ), *variable_values(spec)]
    with suppress(OSError, ValueError):
        file = settings.passphrase_file or settings.data_dir / "passphrase"
        secrets.append(file.read_text(encoding="utf-8").strip())
    places = {str(Path.home()): "~", str(Path.cwd()): "[folder]", socket.gethostname(): "[host]"}
    with suppress(OSError, KeyError):  # a user without a name
        places[getpass.getuser()] = "[user]"
    return Redaction(tuple(secrets), places)


def _write(path: Path, content: bytes) -> None:
    """For its owner alone, and over nothing that is there. Raises UsageError."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {(error.strerror or str(error)).lower()}",
            hint="Name another file: --output FILE",
        ) from None


def _tell(path: Path, files: dict[str, str], *, as_json: bool) -> None:
    from cli.terminal import answer, console

    if as_json:
        listed = [{"name": name, "characters": len(text)} for name, text in files.items()]
        answer({"file": str(path.absolute()), "holds": listed, "sent": False})
        return
    people = console()
    for name, text in files.items():
        people.print(f"  {name:<18} {len(text):>7,} characters", markup=False)
    people.print(f"Written: {path}", markup=False, soft_wrap=True)
    people.print("Nothing was sent. Look through it, and attach it to your report.")
