"""Terraform with its official AWS provider, where this machine has both: found, configured, run."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import Commands

_PROVIDER = re.compile(r"terraform-provider-aws_v?(\d+\.\d+\.\d+)(_|$)")
_COMPLETE = re.compile(
    r"^aws_ecs_cluster(?:_capacity_providers)?\.\S+: \w+ complete after (?:(\d+)m)?(\d+)s", re.MULTILINE
)
_SHORTEST_WAIT = 5.0  # anything below is work
_DEEPEST = 7
_SERVICES = ("ec2", "ecs", "iam", "logs", "s3", "sts")


@dataclass(frozen=True)
class Terraform:
    """`mirror` is a folder laid out as Terraform's `filesystem_mirror` wants it."""

    executable: Path
    mirror: Path
    provider_version: str


def find(environ: Mapping[str, str]) -> Terraform | str:
    """Terraform and its provider, or why there is nothing to compare with."""
    executable = shutil.which("terraform", path=environ.get("PATH"))
    if executable is None:
        return "there is no `terraform` on PATH"
    for file in _files(_places(environ)):
        found = _PROVIDER.match(file.name)
        mirror = _mirror_of(file)
        if found and mirror:
            return Terraform(Path(executable), mirror, found[1])
    return "no plugin mirror with the official AWS provider was found (TF_PLUGIN_MIRROR can name one)"


def _places(environ: Mapping[str, str]) -> list[Path]:
    home = Path(environ.get("HOME", "/"))
    named = [Path(environ["TF_PLUGIN_MIRROR"])] if environ.get("TF_PLUGIN_MIRROR") else []
    usual = [home / ".terraform.d", Path("/usr/local/share/terraform"), Path("/usr/share/terraform")]
    optional = Path("/opt")
    return [*named, *usual, *(sorted(optional.iterdir()) if optional.is_dir() else [])]


def _files(places: list[Path]) -> Iterator[Path]:
    for place in places:
        for folder, below, names in os.walk(place):
            if len(Path(folder).relative_to(place).parts) >= _DEEPEST:
                below.clear()
            yield from (Path(folder, name) for name in sorted(names) if _PROVIDER.match(name))


def _mirror_of(file: Path) -> Path | None:
    """The root above HOST/hashicorp/aws/: of an unpacked provider five folders up, of a packed one three."""
    for parent in file.parents:
        if parent.name == "aws" and parent.parent.name == "hashicorp":
            return parent.parent.parent.parent
    return None


def write_project(
    folder: Path,
    found: Terraform,
    endpoint: str,
    region: str,
    resources: Mapping[str, Any],
    services: Iterable[str] = _SERVICES,
) -> None:
    """Writes `main.tf.json` and the CLI configuration `terraform.rc` into `folder`. Only the endpoints of
    `services`, by the provider's names, lead to `endpoint`."""
    provider = {
        "region": region,
        "access_key": "local",
        "secret_key": "local",
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_requesting_account_id": True,
        "skip_region_validation": True,
        "s3_use_path_style": True,
        "endpoints": [dict.fromkeys(services, endpoint)],
    }
    required = {"aws": {"source": "hashicorp/aws", "version": found.provider_version}}
    document: dict[str, Any] = {
        "terraform": {"required_providers": required},
        "provider": {"aws": provider},
    }
    if resources:  # Terraform refuses an empty section
        document["resource"] = resources
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    mirror = json.dumps(str(found.mirror))
    (folder / "terraform.rc").write_text(
        f"provider_installation {{\n  filesystem_mirror {{\n    path = {mirror}\n  }}\n}}\n", encoding="utf-8"
    )


class Project:
    """One Terraform project in a folder, ready to be measured."""

    def __init__(self, found: Terraform, folder: Path, environ: Mapping[str, str], timeout: float) -> None:
        self.folder = folder
        self.terraform = found.executable
        own = {
            "TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
        }
        kept = {name: value for name, value in environ.items() if not name.startswith(("TF_", "AWS_"))}
        self.commands = Commands(folder, {**kept, **own}, timeout)

    def init(self) -> float:
        return self._run("init", "-no-color").seconds

    def schema(self) -> str:
        """What the provider says of its resource types, as JSON."""
        return self._run("providers", "schema", "-json").output

    def planned(self) -> dict[str, Any]:
        """What the saved plan would do, as `terraform show -json` tells it."""
        document: dict[str, Any] = json.loads(self._run("show", "-json", "saved.plan").output)
        return document

    def state(self) -> dict[str, Any]:
        """The state, as `terraform show -json` tells it."""
        document: dict[str, Any] = json.loads(self._run("show", "-json").output)
        return document

    def plan(self) -> float:
        return self._run("plan", "-no-color", "-out=saved.plan").seconds

    def apply_saved(self) -> Done:
        return self._run("apply", "-no-color", "saved.plan")

    def apply(self) -> float:
        return self._run("apply", "-no-color", "-auto-approve").seconds

    def destroy(self) -> Done:
        return self._run("destroy", "-no-color", "-auto-approve")

    def listed(self) -> int:
        """How many resources Terraform's state has."""
        return len(self._run("state", "list").output.splitlines())

    def _run(self, *arguments: str) -> Done:
        return Done(*self.commands.watched([self.terraform, *arguments], lambda pid: None, (0,)))


@dataclass(frozen=True)
class Done:
    """A command of Terraform's: how long it took, and what it printed."""

    seconds: float
    output: str

    @property
    def less_waits(self) -> float:
        """Its time without its provider's fixed waits, as if nothing else had been done meanwhile."""
        return max(self.seconds - fixed_waits(self.output), 0.1)


def fixed_waits(output: str) -> float:
    """Seconds that the longest chain of fixed waits took: of the cluster, and after it of its capacity providers."""
    return sum(
        60.0 * float(minutes or 0) + float(seconds)
        for minutes, seconds in _COMPLETE.findall(output)
        if 60.0 * float(minutes or 0) + float(seconds) >= _SHORTEST_WAIT
    )
