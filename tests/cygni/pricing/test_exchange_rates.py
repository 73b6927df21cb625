from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cygni.errors import NoExchangeRate, UsageError
from cygni.pricing.exchange import DOLLARS, Exchange
from cygni.pricing.exchange_rates import ExchangeRates, exchange_in_use, parse_rates, rates_in_use
from cygni.settings import Settings

TODAY = date(2026, 11, 22)
EUROS = Exchange("EUR", Decimal("0.92"), date(2026, 11, 20), "ECB")
FILE = "version: 1\nrates:\n  EUR: {per_usd: '0.92', date: 2026-11-20, source: ECB}\n"


def parsed(text: str) -> ExchangeRates:
    return parse_rates(text, "rates.yaml", TODAY)


def settings(folder: Path, currency: str | None = None, file: Path | None = None) -> Settings:
    return Settings(folder, folder, exchange_rates=file, currency=currency)


class TestParseRates:
    def test_reads_a_rate_with_its_day_and_source(self) -> None:
        assert parsed(FILE).rates == {"EUR": EUROS}

    def test_takes_a_rate_without_a_source(self) -> None:
        [found] = parsed("version: 1\nrates: {JPY: {per_usd: 155.3, date: '2026-11-20'}}").rates.values()
        assert found == Exchange("JPY", Decimal("155.3"), date(2026, 11, 20))

    @pytest.mark.parametrize(
        ("rate", "says"),
        [
            ("0", "no rate"),
            ("-0.92", "no rate"),
            ("0.0001", "no rate"),
            ("1e30", "no rate"),
            (".nan", "no rate"),
            (".inf", "no rate"),
            ("true", "no rate"),
            ("[1]", "no rate"),
            ("a lot", "no rate"),
        ],
    )
    def test_refuses_rates_that_no_currency_has(self, rate: str, says: str) -> None:
        with pytest.raises(UsageError, match=says):
            parsed(f"version: 1\nrates: {{EUR: {{per_usd: {rate}, date: 2026-11-20}}}}")

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("rates: {}", "does not say version: 1"),
            ("version: 1\nrate: {}", "'rate', which is no key"),
            ("version: 1\nrates: [EUR]", "no mapping"),
            ("version: 1\nrates: {euro: {per_usd: 1, date: 2026-11-20}}", "no currency of three capital letters"),
            ("version: 1\nrates: {USD: {per_usd: 1, date: 2026-11-20}}", "a rate for USD"),
            ("version: 1\nrates: {EUR: 0.92}", "without just per_usd, date"),
            ("version: 1\nrates: {EUR: {per_usd: 0.92}}", "without just per_usd, date"),
            ("version: 1\nrates: {EUR: {per_usd: 1, date: 2026-11-20, bank: x}}", "without just per_usd"),
            ("version: 1\nrates: {EUR: {per_usd: 1, date: yesterday}}", "no day as 2026-11-20"),
            ("version: 1\nrates: {EUR: {per_usd: 1, date: 2026-11-24}}", "yet to come"),
            ('version: 1\nrates: {EUR: {per_usd: 1, date: 2026-11-20, source: "a\\nb"}}', "no text of one line"),
            ("version: 1\nrates: {", "is no YAML"),
        ],
    )  # fmt: skip
    def test_says_what_is_wrong(self, text: str, says: str) -> None:
        with pytest.raises(UsageError, match="rates.yaml cannot be used") as caught:
            parsed(text)
        assert says in caught.value.message

    def test_takes_a_rate_of_where_tomorrow_has_begun(self) -> None:
        assert parsed("version: 1\nrates: {NZD: {per_usd: 1.7, date: 2026-11-23}}").rates


class TestOf:
    def test_is_the_rate_of_the_file(self) -> None:
        assert parsed(FILE).of("EUR") == EUROS
        assert parsed(FILE).of("USD") == DOLLARS

    def test_of_a_currency_without_a_rate_is_an_error(self) -> None:
        with pytest.raises(NoExchangeRate, match="no rate of exchange for GBP") as caught:
            parsed(FILE).of("GBP")
        assert (caught.value.code, caught.value.hint) == (
            "no_exchange_rate",
            "Add GBP to the rates in rates.yaml: per_usd and date.",
        )
        with pytest.raises(NoExchangeRate) as caught:
            ExchangeRates().of("GBP")
        assert "CYGNI_EXCHANGE_RATES" in (caught.value.hint or "")

    @pytest.mark.parametrize("currency", ["eur", "EURO", "€", ""])
    def test_of_what_is_no_currency_is_an_error(self, currency: str) -> None:
        with pytest.raises(UsageError, match="is no currency"):
            parsed(FILE).of(currency)


class TestExchangeInUse:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "rates.yaml"
        path.write_text(FILE)
        return path

    def test_is_dollars_unless_something_says_otherwise(self, tmp_path: Path) -> None:
        assert exchange_in_use(settings(tmp_path)) == DOLLARS

    def test_is_what_was_chosen_before_the_settings_before_what_is_usual(
        self, tmp_path: Path, file: Path
    ) -> None:
        assert exchange_in_use(settings(tmp_path, "GBP", file), "EUR") == EUROS
        assert exchange_in_use(settings(tmp_path, "EUR", file), None, "GBP") == EUROS
        assert exchange_in_use(settings(tmp_path, None, file), None, "EUR") == EUROS
        assert exchange_in_use(settings(tmp_path, "EUR", file), "USD", "EUR") == DOLLARS

    def test_of_a_file_that_cannot_be_read_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="No such file"):
            rates_in_use(settings(tmp_path, "EUR", tmp_path / "none.yaml"))
        (tmp_path / "latin").write_bytes(b"\xff\xfe\xff")
        with pytest.raises(UsageError, match="cannot be read"):
            rates_in_use(settings(tmp_path, "EUR", tmp_path / "latin"))
