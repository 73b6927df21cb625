from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.feedback.redaction import (
    REDACTED,
    Redaction,
    secret_values,
    variable_values,
    without_variables,
)

NOTHING = Redaction((), {})
# In parts, so that no scanner takes them for real.
SECRETS = [
    "AKIA" + "IOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "glpat-" + "aBcDeFgHiJkLmNoPqRsT",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "cxk_" + "0123456789AB_" + "s" * 38,
    "xoxb-" + "1234567890-abcdefghij",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----",
]


class TestRedaction:
    @pytest.mark.parametrize("secret", SECRETS)
    @pytest.mark.parametrize("around", ["{}", "it said {} to us", '"{}"', "key={}", "a\n{}\nb"])
    def test_takes_out_what_has_the_form_of_a_secret(self, secret: str, around: str) -> None:
        clean = NOTHING(around.format(secret))
        assert REDACTED in clean
        assert not any(part in clean for part in secret.split("\n") if not part.startswith("-----"))

    @pytest.mark.parametrize(
        ("text", "clean"),
        [
            ("postgres://me:hunter2@db/shop", f"postgres://{REDACTED}@db/shop"),
            ("Authorization: Bearer abcdef123", f"Authorization: Bearer {REDACTED}"),
            ("DB_PASSWORD=hunter2 next", f"DB_PASSWORD={REDACTED} next"),
            ('{"client_secret": "two words", "a": 1}', f'{{"client_secret": {REDACTED}, "a": 1}}'),
            ("https://b.test/x?X-Amz-Signature=abc&y=1", f"https://b.test/x?X-Amz-Signature={REDACTED}&y=1"),
            ("account 123456789012", "account [account]"),
            ("mail ann@acme.test now", "mail [mail] now"),
        ],
    )
    def test_takes_out_what_stands_where_secrets_do(self, text: str, clean: str) -> None:
        assert NOTHING(text) == clean

    @pytest.mark.parametrize(
        "text", ["release 41 is live", "arn:aws:ecs:eu-central-1::cluster/shop", "2026-11-22T03:00:00+00:00"]
    )
    def test_leaves_the_rest_as_it_is(self, text: str) -> None:
        assert NOTHING(text) == text

    def test_takes_out_the_values_that_it_is_given_the_longest_first(self) -> None:
        redaction = Redaction(("hunter2", "hunter2hunter2", "ab"), {"/home/me": "~", "me": "[user]"})
        assert redaction("hunter2hunter2 about hunter2") == f"{REDACTED} about {REDACTED}"
        assert redaction("/home/me/x by me, meanwhile") == "~/x by [user], meanwhile"

    @given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4), st.text(), st.text())
    def test_leaves_no_value_that_it_is_given(self, secret: str, before: str, after: str) -> None:
        clean = Redaction((secret,), {})(f"{before}{secret}{after}")
        assert secret not in clean.replace(REDACTED, "") or secret in f"{before}{after}"

    def test_reaches_everything_in_a_document(self) -> None:
        clean = Redaction(("hunter2",), {}).document({"a hunter2": ["hunter2", {"b": ("hunter2", 1, None)}]})
        assert clean == {f"a {REDACTED}": [REDACTED, {"b": [REDACTED, 1, None]}]}


class TestSecretValues:
    def test_are_those_of_variables_with_such_names(self) -> None:
        environ = {
            "GITHUB_TOKEN": "t1",
            "DATABASE_URL": "u1",
            "my_password": "p1",
            "HOME": "h",
            "EMPTY_KEY": "",
        }
        assert set(secret_values(environ)) == {"t1", "u1", "p1"}


class TestVariables:
    SPEC: ClassVar[Any] = {
        "services": {"web": {"env": {"A": "hunter2", "N": 7}, "port": 80}},
        "environments": {"staging": {"services": {"web": {"env": {"A": "other"}}}}},
    }

    def test_are_found_in_every_environment(self) -> None:
        assert set(variable_values(self.SPEC)) == {"hunter2", "7", "other"}
        assert list(variable_values(None)) == []

    def test_are_taken_out_and_nothing_else(self) -> None:
        assert without_variables(self.SPEC) == {
            "services": {"web": {"env": {"A": REDACTED, "N": REDACTED}, "port": 80}},
            "environments": {"staging": {"services": {"web": {"env": {"A": REDACTED}}}}},
        }
