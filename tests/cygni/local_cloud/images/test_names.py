from __future__ import annotations

import pytest

from cygni.errors import UsageError
from cygni.local_cloud.images.names import familiar_name, full_name

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("written", "full", "familiar"),
    [
        ("nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("acme/web:2", "docker.io/acme/web:2", "acme/web:2"),
        ("localhost/web", "localhost/web:latest", "localhost/web:latest"),
        ("reg:5000/web", "reg:5000/web:latest", "reg:5000/web:latest"),
        (
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/hello-web:3f",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/hello-web:3f",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/hello-web:3f",
        ),
        (f"web:1@{DIGEST}", f"docker.io/library/web@{DIGEST}", f"web@{DIGEST}"),
    ],
)
def test_a_reference_is_read_as_docker_reads_it(written: str, full: str, familiar: str) -> None:
    assert full_name(written) == full
    assert familiar_name(full) == familiar
    assert full_name(familiar) == full


@pytest.mark.parametrize("written", ["", " ", "-web", "web:1 2", "web@sha256:12", "a" * 600])
def test_what_is_no_reference_is_refused(written: str) -> None:
    with pytest.raises(UsageError):
        full_name(written)
