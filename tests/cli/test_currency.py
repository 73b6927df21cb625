"""Amounts in another currency, in every command that shows or judges them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import NAT, Cx, valid

DATA = Path(__file__).parents[1] / "data" / "engine_documents"
CHANGE = str(DATA / "node-change-with-sames.json")  # 54.52 to 72.08 USD a month
RATES = "version: 1\nrates:\n  EUR: {per_usd: '0.5', date: 2026-11-20, source: ECB}\n"
TOLD = "1 USD = 0.5 EUR on 2026-11-20 (ECB)"


@pytest.fixture
def rates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Half a euro for a dollar."""
    file = tmp_path / "rates.yaml"
    file.write_text(RATES)
    monkeypatch.setenv("CYGNI_EXCHANGE_RATES", str(file))
    return file


@pytest.mark.usefixtures("rates")
class TestCost:
    def test_is_shown_with_the_rate_and_its_day(self, cx: Cx) -> None:
        shown = cx("cost", CHANGE, "--currency", "EUR")
        assert shown.code == 0
        assert "at least EUR 27.26 (1 resource unpriced) → at least EUR 36.04" in shown.err
        assert f"EUR at {TOLD}" in shown.err
        assert "$" not in shown.err

    @pytest.mark.parametrize("how", ["--markdown", "--html"])
    def test_is_written_for_others(self, cx: Cx, how: str) -> None:
        shown = cx("cost", CHANGE, how, "--currency", "EUR").out
        assert "EUR 36.04" in shown
        assert TOLD in shown

    def test_is_told_to_programs(self, cx: Cx) -> None:
        dollars = cx("cost", CHANGE, "--json").answer
        euros = cx("cost", CHANGE, "--json", "--currency", "EUR").answer
        assert (dollars["currency"], "exchange" in dollars) == ("USD", False)
        assert (euros["currency"], euros["exchange"]) == (
            "EUR",
            {"per_usd": "0.5", "date": "2026-11-20", "source": "ECB"},
        )
        assert float(euros["monthly_after"]) == pytest.approx(float(dollars["monthly_after"]) / 2)

    def test_is_in_the_currency_of_the_settings(self, cx: Cx, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CYGNI_CURRENCY", "EUR")
        assert "EUR 36.04" in cx("cost", CHANGE).err
        assert "EUR" not in cx("cost", CHANGE, "--currency", "USD").err

    def test_compares_in_it(self, cx: Cx) -> None:
        assert "EUR" in cx("cost", "compare", CHANGE, CHANGE, "--currency", "EUR").err


@pytest.mark.usefixtures("rates")
class TestLimit:
    @pytest.mark.parametrize(
        ("limit", "code"), [("8.79EUR", 0), ("8.77EUR", 14), ("17.57USD", 0), ("17.55USD", 14)]
    )
    def test_is_judged_in_the_currency_it_is_written_in(self, cx: Cx, limit: str, code: int) -> None:
        for shown in ("EUR", "USD"):
            ended = cx("cost", CHANGE, "--max-cost-increase", limit, "--currency", shown)
            assert ended.code == code
            if code:
                assert f"{'EUR 8.78' if shown == 'EUR' else '$17.56'} a month more" in ended.err

    def test_is_refused_where_its_currency_could_be_either(self, cx: Cx) -> None:
        for option in ("--max-cost-increase", "--comment-above"):
            ended = cx("cost", CHANGE, option, "8", "--currency", "EUR")
            assert ended.code == 2
            assert f"{option} 8 may be 8 EUR or 8 USD" in ended.err
            assert f"{option} 8EUR" in ended.err
        assert cx("cost", CHANGE, "--max-cost-increase", "50%", "--currency", "EUR").code == 0

    def test_of_comments_too(self, cx: Cx) -> None:
        assert cx("cost", CHANGE, "--markdown", "--comment-above", "9EUR").out == ""
        assert cx("cost", CHANGE, "--markdown", "--comment-above", "8EUR").out


class TestWithoutARate:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("--currency", "EUR"),
            ("--max-cost-increase", "8EUR"),
        ],
    )
    def test_is_an_error_with_what_to_do(self, cx: Cx, arguments: tuple[str, str]) -> None:
        ended = cx("cost", CHANGE, "--json", *arguments)
        assert ended.code == 2
        error = ended.answer["error"]
        assert error["code"] == "no_exchange_rate"
        assert "CYGNI_EXCHANGE_RATES" in error["hint"]

    def test_of_the_project_stops_a_deploy_before_anything(self, cx: Cx) -> None:
        cx.write(cost={"currency": "EUR", "budget": 1})
        ended = cx("deploy", "--yes", "--json", "-e", "staging")
        assert (ended.code, ended.answer["error"]["code"]) == (2, "no_exchange_rate")
        assert not cx.changed_anything

    def test_of_the_project_does_not_keep_anybody_from_the_local_cloud(self, cx: Cx) -> None:
        cx.write(cost={"currency": "EUR", "budget": 1})
        ended = cx("deploy", "--yes")
        assert (ended.code, "Cost, USD per month" in ended.err) == (0, True)
        assert cx("status", "--json").answer["currency"] == "USD"
        assert cx("deploy", "--yes", "--currency", "EUR").code == 2


@pytest.mark.usefixtures("rates")
class TestProject:
    def test_shows_plans_in_its_currency(self, cx: Cx) -> None:
        cx.write(**NAT, cost={"currency": "EUR"})
        shown = cx("diff", "-e", "staging").err
        assert "Cost, EUR per month" in shown
        assert TOLD in shown
        assert "$" not in shown
        plan = valid(cx("diff", "-e", "staging", "--json").answer)
        assert (plan["cost"]["currency"], plan["cost"]["exchange"]["per_usd"]) == ("EUR", "0.5")
        assert "EUR" in cx("diff", "-e", "staging", "--markdown").out
        assert (
            valid(cx("diff", "-e", "staging", "--json", "--currency", "USD").answer)["cost"]["currency"]
            == "USD"
        )

    def test_holds_to_its_limits_in_its_currency(self, cx: Cx) -> None:
        cx.write(**NAT)
        costs = float(cx("diff", "-e", "staging", "--json").answer["cost"]["after"]["totals"]["monthly"]) / 2
        cx.write(**NAT, cost={"currency": "EUR", "budget": round(costs + 0.01, 2)})
        assert cx("diff", "-e", "staging").code == 0
        cx.write(**NAT, cost={"currency": "EUR", "budget": round(costs - 0.01, 2)})
        ended = cx("diff", "-e", "staging")
        assert ended.code == 14
        assert f"a month of its budget of EUR {costs - 0.01:.2f}" in ended.err

    def test_holds_to_its_policy_in_its_currency(self, cx: Cx) -> None:
        cx.write(**NAT, cost={"currency": "EUR"}, policies={"monthly_cost": 1})
        ended = cx("deploy", "--yes", "-e", "staging")
        assert (ended.code, cx.changed_anything) == (5, False)
        assert "and at most EUR 1.00 is allowed" in ended.err

    def test_keeps_and_judges_dollars(self, cx: Cx) -> None:
        cx.write(**NAT, cost={"currency": "EUR", "project_budget": 10_000})
        assert cx("deploy", "--yes", "-e", "staging").code == 0
        euros = cx("status", "-e", "staging", "--json").answer
        dollars = cx("status", "-e", "staging", "--json", "--currency", "USD").answer
        assert (euros["currency"], dollars["currency"]) == ("EUR", "USD")
        assert float(euros["monthly"]) == pytest.approx(float(dollars["monthly"]) / 2)
        for command in (("status", "-e", "staging"), ("env", "list", "--currency", "EUR")):
            assert f"EUR at {TOLD}." in " ".join(cx(*command).err.split())
        assert "EUR 0.00" in cx("destroy", "-e", "staging", "--yes", "--allow-destroy", "uploads").err

    def test_is_no_plan_to_price_from(self, cx: Cx, tmp_path: Path) -> None:
        cx.write(**NAT, cost={"currency": "EUR"})
        plan = tmp_path / "plan.json"
        plan.write_text(cx("diff", "-e", "staging", "--json").out)
        ended = cx("cost", str(plan))
        assert ended.code == 2
        assert "amounts in 'EUR'" in ended.err
        assert "--currency USD" in ended.err

    def test_has_no_currency_that_is_none(self, cx: Cx) -> None:
        cx.write(cost={"currency": "euro"})
        ended = cx("diff")
        assert ended.code == 2
        assert "the three capital letters of ISO 4217" in ended.err
