from __future__ import annotations

from pathlib import Path

from cygni.pricing import PriceBook
from cygni.pricing.estimators import FREE_TYPES, priced_types
from cygni.pricing.estimators.free import FREE_PROVIDERS
from cygni.pricing.reference import describe

PAGE = Path(__file__).parents[3] / "docs" / "pricing.md"


class TestDescribe:
    def test_is_what_the_docs_hold(self, book: PriceBook) -> None:
        assert PAGE.read_text("utf-8") == describe(book), "run `make docs`"

    def test_names_every_type(self, book: PriceBook) -> None:
        page = describe(book)
        assert all(f"`{token}`" in page for token in (*priced_types(), *FREE_TYPES))

    def test_names_every_provider_that_is_free(self, book: PriceBook) -> None:
        page = describe(book)
        assert all(f"`{provider}:*`" in page for provider in FREE_PROVIDERS)
