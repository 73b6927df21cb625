from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cygni.builder.secrets import Redaction, build_secrets
from cygni.errors import BuildSecretMissing

Aws = Callable[..., Any]


def no_client(service: str, region: str) -> Any:
    raise AssertionError("AWS is asked for its own secrets alone")


class TestValues:
    def test_are_of_variables_and_files_of_whoever_builds(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "npmrc").write_bytes(b"//registry/:_authToken=hunter2\n")
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "pip.conf").write_bytes(b"\xff")
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        references = {"TOKEN": "env:MY_TOKEN", "npmrc": "file:npmrc", "pip.conf": "file:~/pip.conf"}
        assert build_secrets(references, tmp_path, {"MY_TOKEN": "geheim"}, no_client) == {
            "TOKEN": b"geheim",
            "npmrc": b"//registry/:_authToken=hunter2\n",
            "pip.conf": b"\xff",
        }

    def test_are_of_aws(self, tmp_path: Path, aws: Aws) -> None:
        name = f"build-{uuid.uuid4().hex[:8]}"
        made = aws("secretsmanager").create_secret(Name=name, SecretString=json.dumps({"token": "hunter2"}))
        aws("ssm").put_parameter(Name=f"/{name}", Value="geheim", Type="SecureString")
        references = {
            "one": f"{made['ARN']}:token::",
            "two": f"arn:aws:ssm:us-east-1:123456789012:parameter/{name}",
        }
        found = build_secrets(references, tmp_path, {}, lambda service, region: aws(service))
        assert found == {"one": b"hunter2", "two": b"geheim"}

    @pytest.mark.parametrize(
        ("reference", "says"),
        [
            ("env:NONE", "the variable NONE is not set"),
            ("env:EMPTY", "the variable EMPTY is not set"),
            ("file:none", "none cannot be read: No such file"),
            ("file:.", "cannot be read: Is a directory"),
            ("arn:aws:ssm:us-east-1:123456789012:parameter/no-such", "ParameterNotFound"),
        ],
    )
    def test_that_cannot_be_had_are_named_by_reference(
        self, tmp_path: Path, aws: Aws, reference: str, says: str
    ) -> None:
        with pytest.raises(BuildSecretMissing, match=f"the secret token of the build.*{says}") as missing:
            build_secrets({"token": reference}, tmp_path, {"EMPTY": ""}, lambda service, region: aws(service))
        assert missing.value.details == {"id": "token", "reference": reference}


class TestRedaction:
    def test_takes_out_every_line_of_a_secret_and_the_longest_first(self) -> None:
        redact = Redaction({"one": b"user=me\n  password=hunter2\n", "two": b"hunter2", "three": b"a"})
        assert redact("cat: password=hunter2 and hunter2 and a") == "cat: [secret] and [secret] and a"

    def test_leaves_all_else(self) -> None:
        assert Redaction({})("STEP 1: FROM a") == "STEP 1: FROM a"
