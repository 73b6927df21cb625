"""What `cx cost` is given: files, stdin, or stacks of Cygni's own state; and what is assumed of use."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cygni.errors import NotFound, UsageError

if TYPE_CHECKING:
    from cygni.engine_documents.reading import Document, EngineDocument
    from cygni.pricing.usage_profiles import Profile
    from cygni.pricing.usage_rules import UsageRules
    from cygni.spec import ProjectSpec
    from cygni.targets.fargate.clients import Clients

STDIN = "-"
_STATE_REGION = "us-east-1"  # where a bucket of states is looked for, if its URL does not say


@dataclass(frozen=True)
class Source:
    """Where a document comes from: a file, or stacks by their name; of which project, and in which region what the
    document does not place is."""

    file: str | None = None
    stack: str | None = None
    app: Path | None = None
    env: str = "local"
    region: str = ""

    def read(self) -> Document:
        """Raises UsageError where it cannot be opened, DocumentError where it cannot be read, NotFound for a stack."""
        if (self.file is None) == (self.stack is None):
            raise UsageError(
                "name one thing to price: a file, or --stack",
                hint="Give the output of pulumi preview --json, as in: cx cost preview.json",
            )
        return _read_stacks(self) if self.file is None else read_file(self.file, self.region)

    def usage(self, file: Path | None, profile: str | None) -> UsageRules:
        """What to assume of use: by the file that is named, or else by that of the working folder; of a stack, by
        cygni.yaml and the file beside it. Raises UsageError and SpecError."""
        from cygni.pricing.usage_rules import USAGE_FILE, UsageRules

        chosen = _profile(profile)
        if file is None and self.stack is None and not Path(USAGE_FILE).exists():
            return UsageRules(profile=chosen)
        from cygni.spec.usage_file import load_usage, project_usage, usage_in  # it takes a tenth of a second

        found = load_usage(file) if file is not None else None
        spec, folder = self.project if self.stack is not None else (None, None)
        if spec is None:
            return UsageRules(file=found or usage_in(Path()), profile=chosen)
        rules = project_usage(spec, folder if found is None else None, chosen)
        return rules if found is None else UsageRules(found, rules.project, chosen, rules.free_tier)

    def read_resources(self) -> EngineDocument:
        """As `read`, of a document with inputs. Raises UsageError for a plan of Cygni's own."""
        from cygni.engine_documents.reading import PlannedCost

        found = self.read()
        if isinstance(found, PlannedCost):
            raise UsageError(
                "a plan of cx diff has costs and no inputs",
                hint="Name the stacks instead, as in: --stack production",
            )
        return found

    @property
    def project(self) -> tuple[ProjectSpec | None, Path | None]:
        """The project here, or at `app`, and its folder; none where there is none. Raises SpecError."""
        from cli.session import load_project, spec_file

        try:
            return load_project(self.app, self.env), spec_file(self.app).parent
        except NotFound:
            if self.app is not None:
                raise
            return None, None


def read_file(path: str, region: str) -> Document:
    """The document in a file, or on stdin for `-`. Raises UsageError and DocumentError."""
    from cygni.engine_documents.reading import read_document

    with _opened(path) as file:
        return read_document(file.read, "stdin" if path == STDIN else path, region=region)


def cloud_clients(environment: str | None) -> Callable[[str], Clients]:
    """The clients of a region, with the caller's credentials; of the local cloud for its environment."""
    from functools import cache

    from cygni.settings import Settings
    from cygni.targets.fargate.clients import Clients
    from stacks.state_reader import local_endpoint
    from stacks.target import LOCAL, cloud_variables

    endpoint = local_endpoint(Settings.from_environment()) if environment == LOCAL else ""

    @cache
    def of_region(region: str) -> Clients:
        if environment is None:
            return Clients({"AWS_REGION": region})
        return Clients(cloud_variables(environment, endpoint, region))

    return of_region


def _read_stacks(source: Source) -> EngineDocument:
    """The stacks of that name: one, or all of an environment (`shop.production`, `production`) or of a project."""
    from cli.session import engine_and_runner
    from cygni.engine_documents.costs import joined
    from cygni.engine_documents.reading import state_document
    from cygni.naming import Part
    from cygni.settings import Settings
    from stacks.state_reader import stacks_in_state, state_reader
    from stacks.target import place_of_state

    assert source.stack is not None
    settings, (spec, _) = Settings.from_environment(), source.project
    region = source.region or (spec.region if spec is not None else "")
    name = source.stack
    if spec is not None and name in tuple(Part):
        name = f"{spec.project}.{spec.environment}.{name}"
    known = stacks_in_state(settings, region or _STATE_REGION)
    names = [name, f"{spec.project}.{name}"] if spec is not None else [name]
    chosen = [one for one in known if any(one == wanted or one.startswith(f"{wanted}.") for wanted in names)]
    if not chosen:
        there = f"There are: {', '.join(known)}." if known else "It has none."
        raise NotFound(f"no stack {name} in {place_of_state(settings).shown}", hint=there)
    documents = []
    for stack in chosen:
        environment = stack.split(".")[1] if stack.count(".") > 1 else source.env
        look = state_reader(
            settings, environment, region or _STATE_REGION, lambda: engine_and_runner(settings)
        )
        state = look(stack)
        documents.append(
            state_document(
                state.resources, f"the state of {stack}", region=region, pending=len(state.pending)
            )
        )
    project, _, rest = name.partition(".")
    return joined(documents, (project, rest))


def _profile(name: str | None) -> Profile | None:
    from cygni.pricing.usage_profiles import Profile

    if name is not None and name not in tuple(Profile):
        raise UsageError(f"there is no profile {name}", hint=f"Use one of: {', '.join(Profile)}.")
    return Profile(name) if name is not None else None


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    hint = "Give the output of pulumi preview --json or pulumi stack export, or - to read it from stdin."
    if path == STDIN:
        if sys.stdin.isatty():
            raise UsageError("nothing is piped to stdin", hint=hint)
        yield sys.stdin.buffer
        return
    try:
        with Path(path).open("rb", buffering=0) as file:
            yield file
    except OSError as error:
        if error.errno in (errno.EIO, errno.ENOSPC):
            raise
        raise UsageError(f"cannot read {path}: {error.strerror or error}", hint=hint) from None
