"""The answer, and the draft that a language makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a program is to a platform: it answers requests, is files to be served, or does neither."""

    SERVER = "server"
    STATIC = "static"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the answer says `value` about `about`, which is a field of it."""

    about: str
    value: Any
    because: str

    def to_dict(self) -> dict[str, Any]:
        return {"about": self.about, "value": self.value, "because": self.because}


@dataclass(slots=True)
class Program:
    """What is known of one program; None where nothing tells. Commands are lines for a shell, run in its folder.

    `port` is the one it listens on unless PORT says otherwise. `output_directory` is where a build leaves the files
    that a static site is made of. `ui` is the library of a Vite project. `processes` are those of a Procfile.
    `dockerfile_from_root` is whether that copies by paths from the project's root.
    `bare_start_command` is what starts it where its Dockerfile is not used; None where that is `start_command`.
    `system_packages` are Debian's names.
    """

    language: str | None = None
    language_version: str | None = None
    framework: str | None = None
    package_manager: str | None = None
    install_command: str | None = None
    build_command: str | None = None
    start_command: str | None = None
    port: int | None = None
    kind: Kind | None = None
    health_path: str | None = None
    output_directory: str | None = None
    typescript: bool = False
    ui: str | None = None
    dockerfile: str | None = None
    dockerfile_from_root: bool = False
    bare_start_command: str | None = None
    processes: dict[str, str] = field(default_factory=dict)
    system_packages: list[str] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)

    def say(self, about: str, value: Any, because: str) -> None:
        """Take what is said first; None says nothing."""
        if value is not None and getattr(self, about) in (None, False):
            self.correct(about, value, because)

    def correct(self, about: str, value: Any, because: str) -> None:
        """Take what is said, whatever was said before; the reason for that is forgotten."""
        self.reasons = [reason for reason in self.reasons if reason.about != about]
        setattr(self, about, value)
        self.reasons.append(Reason(about, value, because))

    def forget(self, *abouts: str) -> None:
        """Say nothing about these, whatever was said before."""
        self.reasons = [reason for reason in self.reasons if reason.about not in abouts]
        for about in abouts:
            setattr(self, about, None)

    def need(self, packages: Iterable[str], because: str) -> None:
        """System packages that it takes to build or to run it."""
        new = [name for name in packages if name not in self.system_packages]
        if new:
            self.system_packages.extend(new)
            self.reasons.append(Reason("system_packages", new, because))

    @property
    def own_start(self) -> str | None:
        """What starts it where its Dockerfile is not used."""
        return self.bare_start_command or self.start_command

    @property
    def deployable(self) -> bool:
        """Whether there is something to run or to serve."""
        return self.start_command is not None or self.kind is Kind.STATIC or self.dockerfile is not None

    def to_dict(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "language_version": self.language_version,
            "framework": self.framework,
            "package_manager": self.package_manager,
            "install_command": self.install_command,
            "build_command": self.build_command,
            "start_command": self.start_command,
            "port": self.port,
            "kind": self.kind.value if self.kind else None,
            "health_path": self.health_path,
            "output_directory": self.output_directory,
            "typescript": self.typescript,
            "ui": self.ui,
            "dockerfile": self.dockerfile,
            "processes": dict(self.processes),
            "system_packages": list(self.system_packages),
        }


@dataclass(slots=True)
class Draft(Program):
    """What one language says of a folder. `patterns` name the folders of its members, as the language writes them;
    `tool_only` is true where its manifest only configures tools, such as a package.json with nothing but linters;
    `faint` is true where it speaks only if nobody else does, such as pages in a folder of a library's repository;
    `whole_build` is true where members are built from the root, so that the one program among them is the project's.
    """

    patterns: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    tool_only: bool = False
    faint: bool = False
    whole_build: bool = False

    @property
    def weight(self) -> int:
        """How much is known, to choose between the languages of one folder."""
        if self.tool_only:
            return -1
        if self.faint:
            return 0
        if self.framework is not None and self.kind is not Kind.STATIC:
            return 3 if self.start_command else 2
        return 2 if self.start_command or self.kind is Kind.STATIC else 1


@dataclass(frozen=True, slots=True)
class Member:
    """A part of a monorepo: its folder relative to the root, its name in its manifest, and what it is."""

    path: str
    name: str
    program: Program

    def to_dict(self) -> dict[str, Any]:
        reasons = [reason.to_dict() for reason in self.program.reasons]
        return {"path": self.path, "name": self.name, **self.program.to_dict(), "reasons": reasons}


@dataclass(frozen=True, slots=True)
class Detection:
    """What a folder holds. `also` are further languages of it, `notes` what could not be read and the like."""

    program: Program
    members: tuple[Member, ...] = ()
    also: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> Mapping[str, Any]:
        """For programs: the fields of the program, `also`, `notes`, `members[]` and `reasons[]`."""
        return {
            **self.program.to_dict(),
            "also": list(self.also),
            "notes": list(self.notes),
            "members": [member.to_dict() for member in self.members],
            "reasons": [reason.to_dict() for reason in self.program.reasons],
        }
