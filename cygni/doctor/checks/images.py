"""Checks of images: registries let the caller in, and have what is to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cygni.doctor.check import Check, Finding, Group, failed, passed
from cygni.doctor.facts import Fact, Facts


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry that an image is pulled from. `problem` is what it answered a login with, empty where it lets the
    caller in or needs none."""

    host: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class OwnImage:
    """An image that a service expects in its ECR repository; `there` tells whether it is, None before the deploy has
    made the repository; `repository` is its address, with the registry."""

    service: str
    repository: str
    tag: str
    there: bool | None


REGISTRIES: Final = Fact[tuple[Registry, ...]]("registries", "the registries")
OWN_IMAGES: Final = Fact[tuple[OwnImage, ...]]("own-images", "the images in ECR")


def _login(facts: Facts) -> Finding:
    bad = [one for one in facts[REGISTRIES] if one.problem]
    if not bad:
        return passed(f"{', '.join(one.host for one in facts[REGISTRIES])} let the caller in")
    told = "; ".join(f"{one.host}: {one.problem}" for one in bad)
    return failed(told, "\n".join(f"docker login {one.host}" for one in bad))


def _there(facts: Facts) -> Finding:
    missing = [one for one in facts[OWN_IMAGES] if one.there is False]
    if not missing:
        return passed(", ".join(f"{one.service}: {one.tag}" for one in facts[OWN_IMAGES]))
    told = "; ".join(
        f"{one.service} expects {one.repository}:{one.tag}, which is not there" for one in missing
    )
    return failed(told, "\n".join(f"docker push {one.repository}:{one.tag}" for one in missing))


CHECKS: Final = (
    Check(
        "registry-login",
        Group.IMAGES,
        "Registries let the caller in",
        _login,
        "`docker login` with what the registry gives",
        needs=(REGISTRIES,),
    ),
    Check(
        "pushed-images",
        Group.IMAGES,
        "Images that are pushed by hand are there",
        _there,
        "push them",
        needs=(OWN_IMAGES,),
    ),
)
