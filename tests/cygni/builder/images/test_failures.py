"""Lines of Buildah are as version 1.28 wrote them here; those of Docker as its sources have them."""

from __future__ import annotations

import pytest

from cygni.builder.images.failures import BaseProblem, base_problem, connection_lost

BUILDAH_GONE = (
    "Error: creating build container: initializing source docker://registry.example.org/nosuch:1: reading manifest 1 "
    "in registry.example.org/nosuch: manifest unknown"
)
BUILDAH_SHORT = (
    'Error: creating build container: short-name "nosuch:1" did not resolve to an alias and no unqualified-search '
    'registries are defined in "/etc/containers/registries.conf"'
)
BUILDAH_OFFLINE = (
    "Error: creating build container: initializing source docker://python:3.11: pinging container registry "
    'registry-1.docker.io: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host'
)
BUILDKIT_GONE = (
    "ERROR: failed to solve: python:3.99: failed to resolve source metadata for docker.io/library/python:3.99: "
    "docker.io/library/python:3.99: not found"
)
BUILDKIT_DROPPED = (
    "ERROR: failed to solve: python:3.11: failed to resolve source metadata for docker.io/library/python:3.11: failed "
    'to do request: Head "https://registry-1.docker.io/v2/library/python/manifests/3.11": EOF'
)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (BUILDAH_GONE, BaseProblem("registry.example.org/nosuch:1", unreachable=False)),
        (BUILDAH_SHORT, BaseProblem("nosuch:1", unreachable=False)),
        (BUILDAH_OFFLINE, BaseProblem("python:3.11", unreachable=True)),
        (BUILDKIT_GONE, BaseProblem("docker.io/library/python:3.99", unreachable=False)),
        (BUILDKIT_DROPPED, BaseProblem("docker.io/library/python:3.11", unreachable=True)),
    ],
)
def test_a_base_image_is_told_from_a_registry_that_does_not_answer(line: str, problem: BaseProblem) -> None:
    assert base_problem(["STEP 1/1: FROM python", line, ""]) == problem


def test_the_last_line_about_it_counts() -> None:
    assert base_problem([BUILDAH_OFFLINE, BUILDAH_GONE]) == base_problem([BUILDAH_GONE])


def test_what_a_step_says_is_not_about_the_base_image() -> None:
    assert base_problem(["#7 3.2 curl: (7) connection refused", "ERROR: process did not complete"]) is None


def test_a_connection_that_was_dropped_is_told_from_a_refusal() -> None:
    dropped = 'error writing layer blob: Patch "https://r/v2/web/blobs/uploads/1": write tcp: broken pipe'
    assert connection_lost(["Copying blob 1", dropped])
    assert connection_lost(["received unexpected HTTP status: 503 Service Unavailable"])
    assert not connection_lost(
        ["denied: User is not authorized to perform: ecr:InitiateLayerUpload", "GEOFENCE"]
    )
