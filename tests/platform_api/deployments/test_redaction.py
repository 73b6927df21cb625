from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from platform_api.deployments.redaction import Redactor

VALUES = st.text(min_size=4, max_size=30).filter(lambda text: len(text.strip()) >= 4)


class TestRedactor:
    def test_hides_each_value_wherever_it_stands(self) -> None:
        redactor = Redactor(["hunter2-canary", 'with "quotes"\nand lines'])
        shown = redactor.value(
            {
                "text": "the password is hunter2-canary!",
                "list": [{"hunter2-canary/x": 1}, ("and lines",)],
                "json": json.dumps({"value": 'with "quotes"\nand lines'}),
            }
        )
        assert shown == {
            "text": "the password is [secret]!",
            "list": [{"[secret]/x": 1}, ["[secret]"]],
            "json": '{"value": "[secret]"}',
        }

    def test_leaves_fields_and_numbers_as_they_are(self) -> None:
        assert Redactor(["status"]).value({"status": "the status", "count": 7, "none": None}) == {
            "status": "the [secret]",
            "count": 7,
            "none": None,
        }

    def test_takes_out_what_the_database_does_not_keep(self) -> None:
        shown = Redactor(["hunter2"]).value({"\0name": "a\0b \ud800hunter2\udfff"})
        assert shown == {"\ufffdname": "a\ufffdb \ufffd[secret]\ufffd"}

    def test_leaves_everything_where_nothing_is_secret(self) -> None:
        assert Redactor(["", "abc"]).text("abcdef") == "abcdef"

    @given(st.lists(VALUES, min_size=1, max_size=4), st.text(max_size=20), st.text(max_size=20))
    def test_leaves_no_value_in_any_text(self, values: list[str], before: str, after: str) -> None:
        redactor = Redactor(values)
        for value in values:
            shown = redactor.text(before + value + after)
            assert value not in shown.replace("[secret]", "\0")
