"""A Dockerfile from a recipe (pure)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from typing import Final

from cygni.builder.detect.answer import Kind, Program
from cygni.builder.dockerfile.recipe import FOLDER, Family, Recipe, Step, apt
from cygni.builder.dockerfile.secrets import exports, mounts
from cygni.builder.scaffold.bundle import DEFAULT_PORT, in_shell, listening

USER_ID: Final = 10001
"""Above those that a host gives to its own users; a number, so that a cluster sees that it is not root."""
_ADD_USER: Final = {
    Family.DEBIAN: f"useradd --uid {USER_ID} --user-group --create-home --shell /usr/sbin/nologin service",
    Family.ALPINE: f"adduser -D -u {USER_ID} -s /sbin/nologin service",
}


def dockerfile_text(recipe: Recipe, program: Program, secrets: Sequence[str] = ()) -> str:
    """The Dockerfile: two stages, the second without what only a build needs and with a user that is not root.
    `secrets` are ids of those that the steps of the first may use."""
    building = _building(recipe, program, secrets)
    return "\n".join([*_head(recipe, program), "", *building, "", *_final(recipe, program)]) + "\n"


def _head(recipe: Recipe, program: Program) -> list[str]:
    what = " with ".join(word for word in (program.language, program.framework) if word)
    lines = [f"# Written by Cygni for {what or 'what it found here'}; yours to change."]
    if recipe.place != FOLDER:
        member = recipe.place.removeprefix(f"{FOLDER}/")
        lines.append(f"# Of {member} in a workspace: the context is the root of that.")
    return lines


def _building(recipe: Recipe, program: Program, secrets: Sequence[str]) -> list[str]:
    lines = [f"FROM {recipe.toolchain} AS build", f"WORKDIR {FOLDER}", *_environment(recipe.building)]
    lines += [f"COPY --from={image} {path} {path}" for image, path in recipe.borrows]
    lines += [*_in_both(recipe, program), *_run(recipe.prepare)]
    if recipe.install and recipe.manifests:
        lines += [
            "# What it is built on comes first: it is fetched again only where these files change.",
            *_copied(recipe.manifests),
            *_run(recipe.install, secrets),
            "COPY . .",
        ]
    else:
        lines += ["COPY . .", *_run(recipe.install, secrets)]
    moved = [f"WORKDIR {recipe.place}"] if recipe.place != FOLDER else []
    return [*lines, *moved, *_run(recipe.build, secrets)]


def _copied(paths: Sequence[str]) -> list[str]:
    """Each where it was. A folder keeps its name only where it is copied alone."""
    places: dict[str, list[str]] = {}
    for path in paths:
        places.setdefault(path if path.endswith("/") else path.rpartition("/")[0], []).append(path)
    return [f"COPY {_words([*files, f'./{place}'.rstrip('/') + '/'])}" for place, files in places.items()]


def _words(paths: Sequence[str]) -> str:
    """As JSON where a name has a space."""
    return json.dumps(paths) if any(" " in path for path in paths) else " ".join(paths)


def _final(recipe: Recipe, program: Program) -> list[str]:
    served = program.kind is not Kind.WORKER
    lines = [f"FROM {recipe.runtime}", f"RUN {_ADD_USER[recipe.family]}"]
    lines += [*_in_both(recipe, program), f"WORKDIR {recipe.place}"]
    lines += [f"COPY --from=build {path} {to}" for path, to in recipe.takes]
    if recipe.writable:
        places = " ".join(recipe.writable)
        lines += [f"RUN mkdir -p {places} && chown -R {USER_ID}:{USER_ID} {places}"]
    port = (("PORT", str(program.port or DEFAULT_PORT)),) if served else ()
    lines += _environment((*recipe.environment, *port))
    lines += [f"USER {USER_ID}:{USER_ID}"]
    if served:
        lines += [f"EXPOSE {program.port or DEFAULT_PORT}", *_health(recipe, program)]
    return [
        *lines,
        f"CMD {json.dumps(_command(listening(program, recipe.start or program.own_start or '')))}",
    ]


def _command(line: str) -> list[str]:
    """Its words, within a shell where it takes one and does not name it itself."""
    words = shlex.split(line)
    return words if words[:2] == ["sh", "-c"] and len(words) == 3 else shlex.split(in_shell(line))


def _environment(variables: Iterable[tuple[str, str]]) -> list[str]:
    return [f"ENV {name}={json.dumps(value) if ' ' in value else value}" for name, value in variables]


def _health(recipe: Recipe, program: Program) -> list[str]:
    """Asked for by Docker itself; load balancers ask on their own. Redirections count as an answer, errors do not."""
    path = program.health_path or "/"
    address = f"http://127.0.0.1:$PORT{path}"
    if recipe.family is Family.ALPINE:
        probe = f"wget -q -T 3 -O /dev/null {address}"
    else:
        request = f"GET {path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n"
        ask = f'exec 3<>/dev/tcp/127.0.0.1/$PORT && printf "{request}" >&3 && read -r line <&3'
        probe = f"timeout 3 bash -c {shlex.quote(ask + ' && [[ $line == *[[:space:]][23]* ]]')}"
    return [f"HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD {probe}"]


def _in_both(recipe: Recipe, program: Program) -> list[str]:
    """What the project asks for beside its language, to be built and to run."""
    wanted = sorted(program.system_packages) if recipe.family is Family.DEBIAN else []
    return [*(_run(apt(*wanted)) if wanted else []), *_run(recipe.both)]


def _run(step: Step | None, secrets: Sequence[str] = ()) -> list[str]:
    if step is None or not step.lines:
        return []
    mounted = [f"--mount=type=cache,target={folder},sharing=locked" for folder in step.caches]
    first, *more = [*exports(secrets), *step.lines]
    lines = [*mounted, *mounts(secrets), first, *(f"&& {line}" for line in more)]
    return ["RUN " + " \\\n    ".join(lines)]
