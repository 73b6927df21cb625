from __future__ import annotations

import pytest

from cygni.errors import AuthError
from cygni.local_cloud.process import LocalCloud
from stacks.aws_account import account_id


class TestAccountId:
    def test_is_that_of_the_callers_credentials(
        self, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", local_cloud.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        assert account_id("eu-west-1") == "123456789012"

    def test_is_refused_without_credentials(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
        with pytest.raises(AuthError, match="Unable to locate credentials") as caught:
            account_id("eu-west-1")
        assert "AWS_PROFILE" in (caught.value.hint or "")

    def test_is_refused_for_a_profile_that_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_PROFILE", "nonexist")
        with pytest.raises(AuthError, match="The config profile .nonexist. could not be found"):
            account_id("eu-west-1")

    def test_is_refused_where_nobody_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        with pytest.raises(AuthError, match="Could not connect") as caught:
            account_id("eu-west-1")
        assert "secret" not in caught.value.message
