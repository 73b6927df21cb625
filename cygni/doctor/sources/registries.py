"""What registries say to the credentials that docker keeps for them.

Sources: OCI distribution specification (`GET /v2/`), and Docker's token authentication for registries.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cygni.doctor.checks.account import IDENTITY
from cygni.doctor.checks.images import OWN_IMAGES, REGISTRIES, OwnImage, Registry
from cygni.doctor.checks.project import SPEC
from cygni.doctor.facts import Facts, NotKnown, Source
from cygni.doctor.sources.cloud import CLOUD, asking
from cygni.naming import repository_name
from cygni.spec import ProjectSpec

DOCKER_HUB: Final = "docker.io"
_HUB_API, _HUB_KEY = "registry-1.docker.io", "https://index.docker.io/v1/"
_SECONDS: Final = 5.0
_OK, _UNAUTHORIZED = 200, 401


def sources() -> tuple[Source[Any], ...]:
    """Gather what registries say, from `SPEC` and `CLOUD`."""
    return (
        Source(REGISTRIES, _registries, (SPEC,), limit=12.0),
        Source(OWN_IMAGES, _own_images, (SPEC, CLOUD, IDENTITY)),
    )


def registry_of(image: str) -> str:
    """The registry of an image's name, as docker reads it: its first part, where that looks like a host (pure)."""
    first, slash, _ = image.partition("/")
    return first if slash and (re.search(r"[.:]", first) or first == "localhost") else DOCKER_HUB


def _registries(facts: Facts) -> tuple[Registry, ...]:
    images = [one.image for one in facts[SPEC].services.values() if one.image is not None]
    hosts = dict.fromkeys(registry_of(image) for image in images)
    own = [host for host in hosts if not host.endswith(".amazonaws.com")]  # ECS logs in there by its role
    if not own:
        raise NotKnown("no image comes from a registry that wants a login")
    return tuple(Registry(host, login_problem(host)) for host in own)


def login_problem(host: str) -> str:
    """What keeps the caller from the registry, empty for nothing."""
    try:
        login = stored_login(host)
        answer = _get(f"{_base(host)}/v2/", {})
        if answer[0] != _UNAUTHORIZED:
            return "" if answer[0] == _OK else f"it answers {answer[0]}"
        return _offered(answer[1], login)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        reason = getattr(error, "reason", error)
        return f"it cannot be asked: {reason}"


def _offered(challenge: Mapping[str, str], login: tuple[str, str] | None) -> str:
    """Whether the login, or none, is good for what a registry challenges with."""
    scheme, _, rest = challenge.get("www-authenticate", "").partition(" ")
    headers = {} if login is None else {"Authorization": f"Basic {_encoded(login)}"}
    if scheme.lower() == "bearer":
        values = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        realm = values.pop("realm", "")
        status, _ = _get(f"{realm}?{urllib.parse.urlencode(values)}", headers)
    elif login is None:
        return "it wants a login, and docker keeps none for it"
    else:
        status, _ = _get(f"{challenge['url']}", headers)
    if status == _OK:
        return ""
    return (
        "it refuses the login that docker keeps"
        if login
        else "it wants a login, and docker keeps none for it"
    )


def _base(host: str) -> str:
    """Registries of this machine speak plain HTTP, as docker takes them to."""
    if host == DOCKER_HUB:
        return f"https://{_HUB_API}"
    plain = host.partition(":")[0] in ("localhost", "127.0.0.1")
    return f"{'http' if plain else 'https'}://{host}"


def _get(url: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url!r} is no address")
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310  # of the two schemes above
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}
    except urllib.error.HTTPError as error:
        return error.code, {**{name.lower(): value for name, value in error.headers.items()}, "url": url}


def stored_login(host: str) -> tuple[str, str] | None:
    """The user and password that docker keeps for a registry, in its file or in a helper's keeping; None for none."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        kept = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    key = _HUB_KEY if host == DOCKER_HUB else host
    helper = (kept.get("credHelpers") or {}).get(key) or kept.get("credsStore")
    if helper:
        return _helped(str(helper), key)
    text = ((kept.get("auths") or {}).get(key) or {}).get("auth")
    if not text:
        return None
    user, _, password = base64.b64decode(text).decode().partition(":")
    return user, password


def _helped(helper: str, key: str) -> tuple[str, str] | None:
    ended = subprocess.run(
        [f"docker-credential-{helper}", "get"],
        input=key,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if ended.returncode:
        return None
    said = json.loads(ended.stdout)
    return str(said["Username"]), str(said["Secret"])


def _encoded(login: tuple[str, str]) -> str:
    return base64.b64encode(":".join(login).encode()).decode()


def _own_images(facts: Facts) -> tuple[OwnImage, ...]:
    found = tuple(_expected(facts[SPEC], facts))
    if not found:
        raise NotKnown("no service expects an image in ECR")
    return found


def _expected(spec: ProjectSpec, facts: Facts) -> Iterator[OwnImage]:
    account, ecr = facts[IDENTITY].arn.split(":")[4], facts[CLOUD].clients("ecr")
    for name, service in sorted(spec.services.items()):
        if service.build is None or service.build.tag is None:
            continue
        repository, tag = repository_name(spec.project, spec.environment, name), service.build.tag
        with asking(f"the images of {name}"):
            there = _is_there(ecr, repository, tag)
        yield OwnImage(name, f"{account}.dkr.ecr.{spec.region}.amazonaws.com/{repository}", tag, there)


def _is_there(ecr: Any, repository: str, tag: str) -> bool | None:
    try:
        ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ecr.exceptions.RepositoryNotFoundException:
        return None
    except ecr.exceptions.ImageNotFoundException:
        return False
    return True
