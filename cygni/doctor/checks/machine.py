"""Checks of this machine: engine, packages, clock, disk, folders, the local cloud, what builds images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cygni.doctor.check import Check, Finding, Group, Repair, failed, passed, warned
from cygni.doctor.facts import Fact, Facts

CLOCK_LIMIT: Final = 300.0
"""Seconds: AWS refuses a request that was signed more than five minutes ago or ahead (Signature Version 4)."""
CLOCK_CLOSE: Final = 60.0
SPACE_CLOSE: Final = 1024**3
"""Bytes: below this a first deploy with an engine and a provider to fetch may not fit (they take some 900 MB)."""


@dataclass(frozen=True, slots=True)
class EnginePlace:
    """Where the engine is. `version` is empty where there is none; `reason` says why this one, or why none;
    `obtainable` that Cygni can get one by itself; `chosen` is what `CYGNI_PULUMI` names if that is unusable."""

    version: str
    reason: str
    obtainable: bool = False
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Packages:
    """Installed versions by package that are not those Cygni asks for, with what it asks for; `python` is the
    interpreter that runs it."""

    wrong: Mapping[str, tuple[str, str]]
    count: int
    python: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """The provider that the engine starts. `version` is the one needed; `own` says that it is Cygni's."""

    own: bool
    version: str
    there: bool
    pulumi: str
    home: str


@dataclass(frozen=True, slots=True)
class Clock:
    """This machine's clock minus that of AWS, in seconds; `system` as `platform.system()`."""

    ahead: float
    system: str


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes on the disk of the data folder: `needed` at least for the next deploy."""

    folder: str
    free: int
    needed: int


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Cygni's own folder. `problem` says why it cannot be written, `open_to` who else may read it; `mode` is octal."""

    folder: str
    problem: str = ""
    open_to: str = ""


@dataclass(frozen=True, slots=True)
class LocalCloudPlace:
    """The local cloud. `port_taken` is a port that it is told to use and another program has."""

    running: bool
    port_taken: int | None = None
    pid: int | None = None
    log: str = ""


@dataclass(frozen=True, slots=True)
class Builders:
    """Programs that build images: `found` answers, `present` is there but does not; `wanted_by` are the services that
    have something to be built with them."""

    found: tuple[str, ...]
    silent: Mapping[str, str]
    wanted_by: tuple[str, ...]


ENGINE: Final = Fact[EnginePlace]("engine", "the engine")
PACKAGES: Final = Fact[Packages]("packages", "the installed packages")
PLUGIN: Final = Fact[Plugin]("plugin", "the AWS provider")
CLOCK: Final = Fact[Clock]("clock", "the clock of AWS")
SPACE: Final = Fact[Space]("space", "the space on the disk")
DATA_FOLDER: Final = Fact[DataFolder]("data-folder", "Cygni's folder")
LOCAL_CLOUD: Final = Fact[LocalCloudPlace]("local-cloud", "the local cloud")
BUILDERS: Final = Fact[Builders]("builders", "what builds images")


def _engine(facts: Facts) -> Finding:
    found = facts[ENGINE]
    if found.version:
        return passed(f"Pulumi {found.version}, {found.reason}")
    if found.chosen:
        return failed(f"CYGNI_PULUMI names {found.chosen}, which {found.reason}", "unset CYGNI_PULUMI")
    if found.obtainable:
        evidence = "there is none yet; the next deploy gets one, which can take minutes"
        return warned(evidence, "cx engine install", Repair.INSTALL_ENGINE)
    fix = "cx engine install"
    return failed(f"there is none, and none can be got: {found.reason}", fix, Repair.INSTALL_ENGINE)


def _packages(facts: Facts) -> Finding:
    found = facts[PACKAGES]
    if not found.wrong:
        return passed(f"{found.count} packages are of the versions that Cygni asks for")
    listed = ", ".join(
        f"{name} {has or 'is missing'} (needs {wants})" for name, (has, wants) in found.wrong.items()
    )
    wanted = " ".join(f"'{name}{wants}'" for name, (_, wants) in found.wrong.items())
    return failed(listed, f"uv pip install --python {found.python} {wanted}")


def _plugin(facts: Facts) -> Finding:
    found = facts[PLUGIN]
    if found.own:
        return passed(f"Cygni's own, for {found.version}")
    if found.there:
        return passed(f"{found.version} is there")
    return warned(
        f"{found.version} is not there yet; the next deploy downloads it (some 700 MB)",
        f"PULUMI_HOME={found.home} {found.pulumi} plugin install resource aws {found.version}",
    )


def _clock(facts: Facts) -> Finding:
    ahead, late = facts[CLOCK].ahead, abs(facts[CLOCK].ahead)
    told = f"{late:.0f} s {'ahead of' if ahead > 0 else 'behind'} AWS"
    if late < CLOCK_CLOSE:
        return passed(f"within {CLOCK_CLOSE:.0f} s of AWS")
    mac = facts[CLOCK].system == "Darwin"
    fix = "sudo sntp -sS time.apple.com" if mac else "sudo timedatectl set-ntp true"
    if late < CLOCK_LIMIT:
        return warned(f"{told}; from {CLOCK_LIMIT:.0f} s on AWS refuses every call", fix)
    return failed(f"{told}, which refuses calls signed {CLOCK_LIMIT:.0f} s early or late", fix)


def _space(facts: Facts) -> Finding:
    found = facts[SPACE]
    fix = "export CYGNI_DATA_DIR=/path/on/a/larger/disk"
    told = f"{_mib(found.free)} free where {found.folder} is"
    if found.free < found.needed:
        return failed(f"{told}; the next deploy may take {_mib(found.needed)}", fix)
    if found.free < SPACE_CLOSE:
        return warned(told, fix)
    return passed(told)


def _mib(count: int) -> str:
    return f"{count / 1024**2:,.0f} MiB"


def _data_folder(facts: Facts) -> Finding:
    found = facts[DATA_FOLDER]
    if found.problem:
        fix = f"chmod u+rwx {found.folder}"
        return failed(f"{found.folder} cannot be used: {found.problem}", fix, Repair.CLOSE_DATA_FOLDER)
    if found.open_to:
        evidence = f"{found.open_to} may read {found.folder}, which holds state and its passphrase"
        return warned(evidence, f"chmod go-rwx {found.folder}", Repair.CLOSE_DATA_FOLDER)
    return passed(f"{found.folder} is its owner's alone")


def _local_cloud(facts: Facts) -> Finding:
    error = facts.error(LOCAL_CLOUD)
    if error is not None:
        return failed(error.message, "cx local down\ncx local up")
    found = facts[LOCAL_CLOUD]
    if found.port_taken is not None:
        evidence = f"CYGNI_LOCAL_PORT is {found.port_taken}, where another program listens"
        return failed(evidence, "unset CYGNI_LOCAL_PORT")
    if found.running:
        return passed(f"it runs (process {found.pid})")
    return passed("it is not up; a deploy to local starts it")


def _builders(facts: Facts) -> Finding:
    found = facts[BUILDERS]
    if found.found:
        return passed(", ".join(found.found))
    if not found.wanted_by:
        return passed("none, and nothing needs one")
    services = ", ".join(found.wanted_by)
    if found.silent:
        name, said = next(iter(found.silent.items()))
        fix = "sudo systemctl start docker" if name == "docker" else f"{name} info"  # which says more
        return warned(f"{name} is there and does not work ({said}); {services} would be built with it", fix)
    return warned(
        f"neither docker nor buildah nor podman is there; {services} would be built with it",
        "sudo apt-get install --yes buildah",
    )


CHECKS: Final = (
    Check(
        "engine",
        Group.MACHINE,
        "The Pulumi engine is there",
        _engine,
        "`cx engine install`; where CYGNI_PULUMI names something else, unset it",
        needs=(ENGINE,),
        quick=True,
    ),
    Check(
        "packages",
        Group.MACHINE,
        "Python packages have the versions that Cygni asks for",
        _packages,
        "install the versions that it names",
        needs=(PACKAGES,),
    ),
    Check(
        "plugin",
        Group.MACHINE,
        "The AWS provider of the engine is there",
        _plugin,
        "`pulumi plugin install resource aws VERSION`, or let the next deploy download it",
        needs=(PLUGIN,),
    ),
    Check(
        "clock",
        Group.MACHINE,
        "The clock is that of AWS",
        _clock,
        "let the system set its clock from the network",
        needs=(CLOCK,),
        quick=True,
    ),
    Check(
        "disk",
        Group.MACHINE,
        "There is room for the next deploy",
        _space,
        "free some space, or choose another folder with CYGNI_DATA_DIR",
        needs=(SPACE,),
        quick=True,
    ),
    Check(
        "data-folder",
        Group.MACHINE,
        "Cygni's folder can be written, by its owner alone",
        _data_folder,
        "`chmod`; `--fix` does it",
        needs=(DATA_FOLDER,),
        quick=True,
    ),
    Check(
        "local-cloud",
        Group.MACHINE,
        "The local cloud can run",
        _local_cloud,
        "`cx local down` and `cx local up`; another port, where its own is taken",
        tries=(LOCAL_CLOUD,),
        quick=True,
    ),
    Check(
        "builders",
        Group.MACHINE,
        "Something can build images",
        _builders,
        "install docker, buildah or podman; at most a warning, for the local target needs none",
        needs=(BUILDERS,),
    ),
)
