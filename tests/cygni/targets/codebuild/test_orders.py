from __future__ import annotations

import json
from typing import Any

import pytest

from cygni.errors import UsageError
from cygni.targets.codebuild.orders import buildspec, secret_variables

ADDRESS = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/staging/web:abc"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:build-AbCdEf:token::"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/build/npmrc"


def commands(**given: Any) -> list[str]:
    read = json.loads(buildspec(ADDRESS, "linux/arm64", **{"labels": {}, **given}))
    assert read["version"] == 0.2
    found: list[str] = read["phases"]["build"]["commands"]
    return found


def test_builds_what_was_sent_and_pushes_it() -> None:
    unpack, login, build, push = commands(labels={"org.opencontainers.image.revision": "a'b"})
    assert unpack.startswith("mkdir context && tar -xzf context.tar.gz -C context")
    assert login.endswith("--password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com")
    assert "--platform=linux/arm64" in build
    assert """'--label=org.opencontainers.image.revision=a'"'"'b'""" in build
    assert build.endswith(" context")
    assert push == f"docker push {ADDRESS}"


def test_secrets_are_mounted_from_variables_that_name_them_by_reference() -> None:
    references = {"npmrc": PARAMETER, "TOKEN": SECRET}
    assert secret_variables(references, "eu-west-1") == [
        {"name": "CYGNI_BUILD_SECRET_0", "value": SECRET, "type": "SECRETS_MANAGER"},
        {"name": "CYGNI_BUILD_SECRET_1", "value": "/build/npmrc", "type": "PARAMETER_STORE"},
    ]
    build = commands(secrets=list(references))[2]
    assert "--secret=id=TOKEN,env=CYGNI_BUILD_SECRET_0 --secret=id=npmrc,env=CYGNI_BUILD_SECRET_1" in build


def test_a_parameter_without_folders_has_no_slash() -> None:
    [variable] = secret_variables({"a": PARAMETER.replace("build/", "")}, "eu-west-1")
    assert variable["value"] == "npmrc"


@pytest.mark.parametrize("written", ["env:NPM_TOKEN", "file:~/.npmrc", PARAMETER.replace("eu-", "us-")])
def test_a_secret_that_codebuild_cannot_read_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="the secret npmrc of the build is"):
        secret_variables({"npmrc": written}, "eu-west-1")
