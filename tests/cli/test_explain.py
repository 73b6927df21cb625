"""What is told of error codes: by `cx explain`, by an error, and on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.error_reference import exit_codes
from cygni.error_catalogue import EXPLANATIONS, Explanation
from tests.cli.conftest import Cx

DOCS = Path(__file__).parents[2] / "docs"


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


class TestCatalogue:
    def test_tells_of_every_code_and_of_no_other(self) -> None:
        assert set(EXPLANATIONS) == set(exit_codes())

    @pytest.mark.parametrize("told", EXPLANATIONS.values(), ids=list(EXPLANATIONS))
    def test_leads_to_a_place_that_is_there(self, told: Explanation) -> None:
        page, _, place = told.page.partition("#")
        assert not place or place in anchors(DOCS / page)


class TestError:
    def test_leads_to_its_place_on_the_page(self, cx: Cx) -> None:
        error = cx("diff", "-e", "no such", "--json").answer["error"]
        page, _, place = error["docs"].partition("#")
        assert (page, place) == ("docs/errors.md", error["code"])
        assert place in anchors(DOCS / "errors.md")

    def test_leads_to_the_site_where_there_is_one(self, cx: Cx, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "more:  cx explain not_found\n" in cx("diff", "-e", "no such").err
        monkeypatch.setenv("CYGNI_DOCS", "https://docs.example.com/")
        place = "https://docs.example.com/docs/errors.html#not_found"
        assert f"more:  {place}\n" in cx("diff", "-e", "no such").err
        assert cx("diff", "-e", "no such", "--json").answer["error"]["docs"] == place
        assert "More: https://docs.example.com/docs/state.html#locks" in cx("explain", "lock_held").err

    def test_of_the_settings_is_shown_too(self, cx: Cx, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CYGNI_DOCS", "here")
        assert cx("diff").err.startswith("error: CYGNI_DOCS is 'here', which is no address\n")

    def test_that_says_all_itself_leads_nowhere(self, cx: Cx) -> None:
        assert "more:" not in cx("diff", "--frobnicate").err


class TestExplain:
    def test_tells_of_one(self, cx: Cx) -> None:
        ended = cx("explain", "lock_held")
        assert (ended.code, ended.out) == (0, "")
        assert ended.err.startswith("lock_held, exit code 13\nSomebody else is deploying")
        assert ended.err.endswith("More: docs/state.md#locks\n")
        assert cx("explain", "lock_held", "--json").answer["exit_code"] == 13

    def test_tells_of_all(self, cx: Cx) -> None:
        assert len(cx("explain").err.splitlines()) == len(EXPLANATIONS)
        assert {one["code"] for one in cx("explain", "--json").answer["errors"]} == set(EXPLANATIONS)

    def test_says_what_it_does_not_know(self, cx: Cx) -> None:
        ended = cx("explain", "frobnicated")
        assert (ended.code, ended.err.splitlines()[0]) == (6, "error: there is no error frobnicated")
