from __future__ import annotations

import io
import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from cli import session, terminal
from cli.invocation import invoke
from cygni.plan.events import PolicyEvent
from cygni.plan.schema import plan_schema
from cygni.settings import Settings
from stacks import aws_account, child_process, engine, tagged, target
from stacks.engine_places import Engine, Origin
from stacks.lock import environment_lock
from stacks.tagged import Tagged
from tests.factories import spec_text
from tests.fakes import FakeRunner

if TYPE_CHECKING:
    from cygni.control_plane.process import ControlPlane
    from tests.cli.machines import Machine

OF_CI = ["CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI", "BITBUCKET_BUILD_NUMBER", "GH_TOKEN"]
"""Variables by which commands know that they run in a job of CI; the tests may run in one."""
NAT = {"network": {"nat": "single"}}  # 32.85 USD a month


def policy(level: str) -> PolicyEvent:
    """What a policy pack says of the bucket."""
    urn = "urn:pulumi:shop.local.data::cygni::aws:s3/bucket:Bucket::shop-local-uploads"
    return PolicyEvent("no-plain-buckets", "house-rules", level, "must be\nencrypted", urn)


def valid(plan: Any) -> Any:
    """The plan, if it is as its published schema says."""
    Draft202012Validator(plan_schema()).validate(plan)
    return plan


def held() -> Any:
    """While it is entered, another deploy of the shop is at work."""
    settings = Settings.from_environment()
    return environment_lock(settings, "shop", "local", wait=0, doing="cx deploy")


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """The one JSON object on stdout."""
        [line] = self.out.splitlines()
        return json.loads(line)


@dataclass
class Cx:
    """`cx` in a project's folder, with a stand-in for the engine and no local cloud.

    `cloud` is the identity of the local cloud's life, `holds` the number of resources in it, `account` the AWS
    account that the credentials open, `tagged` what the cloud has under the tags of the environment.
    """

    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    runner: FakeRunner = field(default_factory=FakeRunner)
    cloud: str = "life-1"
    holds: int = 1
    account: str = "123456789012"
    tagged: list[Tagged] = field(default_factory=list)

    def __call__(self, *arguments: str) -> Ended:
        self.runner.asked.clear()
        self.capsys.readouterr()
        code = invoke(list(arguments))
        said = self.capsys.readouterr()
        return Ended(int(code), said.out, said.err)

    def write(self, **sections: Any) -> None:
        """Writes cygni.yaml."""
        (self.folder / "cygni.yaml").write_text(spec_text(**sections))

    def answers(self, text: str) -> None:
        """There is a terminal, and a person at it who types this."""
        self.monkeypatch.setattr(terminal, "interactive", lambda: True)
        self.monkeypatch.setattr("sys.stdin", io.StringIO(text))

    @property
    def changed_anything(self) -> bool:
        """Whether the engine was asked to change something."""
        return any(call.split()[1] in ("up", "destroy", "import", "remove") for call in self.runner.calls)


@pytest.fixture
def cx(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cx]:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CYGNI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("CYGNI_RELEASES", "off")  # they are of a cloud that is there
    monkeypatch.setenv("CX_SKIP_DOCTOR", "1")
    for variable in OF_CI:
        monkeypatch.delenv(variable, raising=False)
    made = Cx(folder, capsys, monkeypatch)
    made.write()
    found = Engine(Path("/made-up/pulumi"), "3.255.0", Origin.PATH, "for the test")
    monkeypatch.setattr(engine, "find", lambda settings, progress=None: found)
    monkeypatch.setattr(child_process, "warm_up", lambda: None)
    monkeypatch.setattr(session, "runner", lambda: made.runner)
    monkeypatch.setattr(
        target, "_local_cloud", lambda settings: ("http://127.0.0.1:9", made.cloud, made.holds)
    )
    monkeypatch.setattr(tagged, "tagged_in", lambda settings, environment: made.tagged)
    monkeypatch.setattr(aws_account, "account_id", lambda region: made.account)
    monkeypatch.setattr(target, "_local_plugins", lambda settings: {})
    before = signal.getsignal(signal.SIGTERM)
    yield made
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], Machine]:
    """Where somebody of a name types commands about a control plane."""
    from tests.cli.machines import Machine

    monkeypatch.setenv("CI", "true")  # nobody can be asked
    return lambda name: Machine(tmp_path / name, monkeypatch, capsys)


@pytest.fixture
def ada(server: tuple[ControlPlane, Path], machine: Callable[[str], Machine]) -> Machine:
    """That of the owner of the module's `server`."""
    from tests.cli.machines import set_up

    return set_up(server, machine("ada"))
