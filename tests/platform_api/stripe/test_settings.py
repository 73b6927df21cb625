"""Stripe is set up by a key, from the environment or a file; without one there is no Stripe."""

from __future__ import annotations

from pathlib import Path

import pytest

from cygni.errors import UsageError
from platform_api.settings import ServerSettings
from platform_api.stripe.settings import API, StripeSettings

KEY = "sk_test_canary0123456789"
SECRET = "whsec_canary0123456789"


class TestFromEnvironment:
    def test_there_is_none_without_a_key(self) -> None:
        assert StripeSettings.from_environment({"CYGNI_SERVER_STRIPE_USAGE": "on"}) is None
        assert ServerSettings.from_environment({}).stripe is None

    def test_a_key_is_enough(self) -> None:
        found = StripeSettings.from_environment({"CYGNI_SERVER_STRIPE_KEY": KEY})
        assert found == StripeSettings(KEY, (), API, usage=False)

    def test_secrets_may_be_in_files(self, tmp_path: Path) -> None:
        (tmp_path / "key").write_text(f"{KEY}\n")
        (tmp_path / "secret").write_text(f"{SECRET},{SECRET}2\n")
        found = StripeSettings.from_environment(
            {
                "CYGNI_SERVER_STRIPE_KEY_FILE": str(tmp_path / "key"),
                "CYGNI_SERVER_STRIPE_WEBHOOK_SECRET_FILE": str(tmp_path / "secret"),
            }
        )
        assert found is not None
        assert (found.key, found.webhook_secrets) == (KEY, (SECRET, f"{SECRET}2"))
        assert "canary" not in repr(found)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("CYGNI_SERVER_STRIPE_KEY", "pk_test_canary0123456789"),
            ("CYGNI_SERVER_STRIPE_KEY_FILE", "/nowhere/at/all"),
            ("CYGNI_SERVER_STRIPE_WEBHOOK_SECRET", "canary"),
            ("CYGNI_SERVER_STRIPE_USAGE", "yes"),
            ("CYGNI_SERVER_STRIPE_API", "http://stripe.example.com"),
        ],
    )
    def test_refuses_what_it_does_not_understand_and_repeats_no_secret(self, name: str, value: str) -> None:
        key = {} if name.startswith("CYGNI_SERVER_STRIPE_KEY") else {"CYGNI_SERVER_STRIPE_KEY": KEY}
        with pytest.raises(UsageError, match="CYGNI_SERVER_STRIPE") as refused:
            StripeSettings.from_environment({**key, name: value})
        assert "canary" not in f"{refused.value.message} {refused.value.hint}"
