"""Build the Pulumi engine from the Go module that pins it: the way that needs no download site, only modules."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cygni.errors import EngineError
from stacks.engine_places import Report
from stacks.engine_process import Finished, run
from stacks.engine_version import PINNED, Version

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"

GO_NEEDED = Version(1, 25, 11)
"""The `go` line of engine/go.mod."""
USUAL_GO_FOLDER = "/usr/local/go/bin"
"""Where the official installer puts Go; often it is not on PATH."""
_GO_SELF_UPGRADING = Version(1, 21, 0)
"""From this version a toolchain fetches the newer one that a module asks for, unless GOTOOLCHAIN=local."""

# Shares of the whole time on an empty cache, measured: modules arrive in the first seventh.
_FETCH_SHARE = 0.15
_COMPILE_SHARE = 0.82
_BUILD_SECONDS = 3600.0
_ROOM_WANTED = "about 3 GB"


class CannotBuild(Exception):
    """There is nothing to build with or from; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A Go command that can build the engine; `fetches` tells that it first fetches a newer one of itself."""

    go: Path
    version: Version
    fetches: bool


def module_folder() -> Path:
    """The folder of the go.mod and go.sum that pin the engine: beside the packages, or inside an installed wheel.

    Raises CannotBuild when neither is there.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "_engine_module", here.parent / "engine"):
        if (folder / "go.mod").is_file() and (folder / "go.sum").is_file():
            return folder
    raise CannotBuild("the Go module that pins the engine is missing from this installation of Cygni")


def toolchain(environ: Mapping[str, str]) -> Toolchain:
    """The Go command to build with, from PATH or Go's usual folder. Raises CannotBuild saying why there is none."""
    found = shutil.which("go", path=environ.get("PATH", "")) or shutil.which("go", path=USUAL_GO_FOLDER)
    if found is None:
        raise CannotBuild("no `go` on PATH")
    go = Path(found).absolute()
    try:
        # Outside any module, and told to stay local: to look must not start a download.
        asked = run([str(go), "version"], env={**environ, "GOTOOLCHAIN": "local"}, cwd=Path("/"), timeout=30)
    except OSError as error:
        raise CannotBuild(f"{go} cannot be run: {error.strerror or error}") from error
    match = re.search(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?", "\n".join(asked.output))
    if asked.code != 0 or asked.timed_out or match is None:
        raise CannotBuild(f"{go} did not tell its version")
    version = Version(int(match[1]), int(match[2]), int(match[3] or 0))
    if version >= GO_NEEDED:
        return Toolchain(go, version, fetches=False)
    if version >= _GO_SELF_UPGRADING and environ.get("GOTOOLCHAIN", "auto") != "local":
        return Toolchain(go, version, fetches=True)
    raise CannotBuild(f"{go} is Go {version}, and the engine needs Go {GO_NEEDED} or newer")


def build(folder: Path, tools: Toolchain, work: Path, environ: Mapping[str, str], progress: Report) -> Path:
    """Build the engine of the module in `folder`, using `work` for all that is temporary; returns the executable.

    Raises EngineError, with the reason in Go's own words where it has no better one.
    """
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(folder / name, work / name)
    env = build_environment(environ, work.parent)
    packages = _list_packages(tools, work, env, progress)
    out = work / "pulumi"
    meter = _CompileMeter(len(packages), progress)
    command = [
        str(tools.go), "build", "-mod=readonly", "-v", "-trimpath",
        "-ldflags", f"-s -w -X {_VERSION_VARIABLE}=v{PINNED}",
        "-o", str(out), PACKAGE,
    ]  # fmt: skip
    finished = run(command, env=env, cwd=work, timeout=_BUILD_SECONDS, on_line=meter.line, on_tick=meter.tick)
    _refuse_failure(finished, "go build")
    if not out.is_file():
        raise EngineError("The build of the engine ended well but left no executable.")
    return out


def build_environment(environ: Mapping[str, str], cache: Path) -> dict[str, str]:
    """The caller's environment (proxies, certificates, Go's own settings) without what would change the build."""
    env = {name: value for name, value in environ.items() if name not in {"GOOS", "GOARCH", "GOBIN"}}
    env["GOWORK"] = "off"
    if not env.get("HOME"):
        # Go keeps its caches under HOME and refuses to work without any place for them.
        env.setdefault("GOCACHE", str(cache / "go-build"))
        env.setdefault("GOPATH", str(cache / "go"))
    return env


def _list_packages(tools: Toolchain, work: Path, env: Mapping[str, str], progress: Report) -> Sequence[str]:
    """Every package of the engine; fetches the modules on the way."""
    modules = sum(
        1 for line in (work / "go.sum").read_text(encoding="utf-8").splitlines() if "/go.mod " not in line
    )
    packages: list[str] = []
    fetched = 0

    def line(text: str) -> None:
        nonlocal fetched
        if text.startswith("go: downloading "):
            fetched += 1
        elif text and not text.startswith("go: "):
            packages.append(text)

    def tick() -> bool:
        progress(
            f"fetching modules ({fetched})" if fetched else "looking at modules",
            _FETCH_SHARE * min(1.0, fetched / max(1, modules)),
        )
        return False

    tick()
    command = [str(tools.go), "list", "-mod=readonly", "-deps", "-f", "{{.ImportPath}}", PACKAGE]
    finished = run(command, env=env, cwd=work, timeout=_BUILD_SECONDS, on_line=line, on_tick=tick)
    _refuse_failure(finished, "go list")
    return packages


class _CompileMeter:
    """Turns the packages that `go build -v` names, one when it is compiled, into a share of the whole."""

    def __init__(self, packages: int, progress: Report):
        self._packages = packages
        self._compiled = 0
        self._progress = progress
        self.tick()

    def line(self, text: str) -> None:
        if text and " " not in text:
            self._compiled += 1

    def tick(self) -> bool:
        share = min(1.0, self._compiled / max(1, self._packages))
        self._progress(
            f"compiling ({self._compiled} of at most {self._packages} packages)",
            _FETCH_SHARE + _COMPILE_SHARE * share,
        )
        return False


@dataclass(frozen=True, slots=True)
class _KnownFailure:
    pattern: str
    message: str
    hint: str


_KNOWN_FAILURES = (
    _KnownFailure(
        r"no space left on device|disk quota exceeded",
        "The disk is full.",
        f"Free {_ROOM_WANTED} and try again.",
    ),
    _KnownFailure(
        r"SECURITY ERROR|checksum mismatch",
        "A fetched module does not match its checksum in engine/go.sum, so it was not used.",
        "Try again with another module proxy (GOPROXY), or clear the module cache with `go clean -modcache`.",
    ),
    _KnownFailure(
        r"requires go >= |toolchain not available|download go1",
        "This Go toolchain is too old and could not fetch a newer one.",
        f"Install Go {GO_NEEDED} or newer.",
    ),
    _KnownFailure(
        r"dial tcp|no such host|connection re(?:fused|set)|i/o timeout|TLS handshake|x509:|proxyconnect"
        r"|unexpected status|: (?:403|404|410|5\d\d) |module lookup disabled",
        "Go could not fetch the engine's modules.",
        "Check the network, GOPROXY and the proxy's certificate, and try again.",
    ),
    _KnownFailure(
        r"signal: killed|cannot allocate memory|out of memory",
        "The build ran out of memory or was killed.",
        "Give it 2 GB of memory and try again.",
    ),
)


def _refuse_failure(finished: Finished, what: str) -> None:
    if finished.timed_out:
        raise EngineError(f"`{what}` did not end within {_BUILD_SECONDS / 60:.0f} minutes.")
    if finished.code == 0:
        return
    said = [
        line for line in finished.output if " " in line.strip() and not line.startswith("go: downloading")
    ]
    text = "\n".join(said)
    for known in _KNOWN_FAILURES:
        if match := re.search(known.pattern, text):
            line = next(line for line in said if match[0] in line)
            raise EngineError(f"{known.message} Go said: {line.strip()[:300]}", hint=known.hint)
    last = " / ".join(line.strip() for line in said[-3:])[:600] or "nothing"
    raise EngineError(f"`{what}` ended with code {finished.code}. Go said: {last}")
