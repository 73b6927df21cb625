"""`cx prices` from the outside; AWS's price list is a server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cygni.pricing.books import prices_folder
from cygni.pricing.price_list.offers import OFFERS, offers_of
from cygni.pricing.synced_book import FILE
from cygni.settings import Settings
from cygni.targets import price_list
from tests.cli.conftest import Cx
from tests.factories import spec_text
from tests.price_list import PriceListServer, listed, offer_csv, serving, shipped_rows

RECORDED = Path(__file__).parents[1] / "data" / "engine_documents"
STATE = str(RECORDED / "node-state.json")
EC2 = offers_of(["AmazonEC2"])[0]
_EC2_FILE = "/offers/v1.0/aws/AmazonEC2/20261101000000/us-east-1/index.csv"


@pytest.fixture(autouse=True)
def lists(monkeypatch: pytest.MonkeyPatch) -> Iterator[PriceListServer]:
    """A server with the figures that ship, of us-east-1."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(price_list, "_PAUSE", 0)
    with serving() as server:
        server.put_shipped(["us-east-1"])
        monkeypatch.setenv("CYGNI_PRICE_LIST", server.address)
        yield server


@pytest.fixture
def here(cx: Cx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a project."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def put_ec2(lists: PriceListServer, old: str, new: str) -> None:
    """Puts a list of EC2 in its place with a piece of text exchanged."""
    text = lists.files[_EC2_FILE]
    assert old in text
    lists.files[_EC2_FILE] = text.replace(old, new)


@pytest.mark.usefixtures("here")
class TestSync:
    def test_renews_the_book(self, cx: Cx) -> None:
        answer = cx("prices", "sync", "--region", "us-east-1", "--json").answer
        assert answer["regions"] == ["us-east-1"]
        assert answer["prices"] > 1_500
        assert len(answer["offers"]) == len(OFFERS)
        assert answer["failed"] == []

    def test_prices_the_same_where_the_figures_are_equal(self, cx: Cx) -> None:
        shipped = cx("cost", STATE, "--json").answer
        cx("prices", "sync", "--region", "us-east-1")
        synced = cx("cost", STATE, "--json").answer
        assert synced["monthly_after"] == shipped["monthly_after"]
        assert synced["usage_monthly_after"] == shipped["usage_monthly_after"]
        assert synced["prices"]["newest"] > shipped["prices"]["newest"]

    def test_prices_with_what_was_read(self, cx: Cx, lists: PriceListServer) -> None:
        before = cx("cost", STATE, "--json").answer
        put_ec2(lists, "0.045", "0.09")
        cx("prices", "sync", "--region", "us-east-1", "--service", "AmazonVPC")
        after = cx("cost", STATE, "--json").answer
        assert float(after["monthly_after"]) == pytest.approx(float(before["monthly_after"]) + 32.85)

    def test_reads_the_regions_of_the_project(self, cx: Cx, here: Path, lists: PriceListServer) -> None:
        lists.put_shipped(["us-east-1", "eu-west-1"])
        (here / "cygni.yaml").write_text(spec_text(region="eu-west-1"))
        assert cx("prices", "sync", "--json").answer["regions"] == ["eu-west-1"]

    def test_reads_again_what_it_read_before(self, cx: Cx) -> None:
        cx("prices", "sync", "--region", "us-east-1")
        assert cx("prices", "sync", "--json").answer["regions"] == ["us-east-1"]

    def test_without_a_region_in_use_asks_for_one(self, cx: Cx) -> None:
        ended = cx("prices", "sync")
        assert ended.code == 2
        assert "cx prices sync --region eu-west-1" in ended.err

    def test_names_what_is_not_as_expected_and_keeps_its_older_price(
        self, cx: Cx, lists: PriceListServer
    ) -> None:
        before = cx("cost", STATE, "--json").answer
        put_ec2(lists, '"NatGateway-Hours"', '"NatGateway-Months"')
        ended = cx("prices", "sync", "--region", "us-east-1")
        assert ended.code == 0
        assert "AmazonVPC nat-gateway: not in AWS's list, so the older price stays" in ended.err
        assert cx("cost", STATE, "--json").answer["monthly_after"] == before["monthly_after"]

    def test_says_what_the_list_gives_away_and_what_jumped(self, cx: Cx, lists: PriceListServer) -> None:
        put_ec2(lists, '"0.045"', '"0"')
        put_ec2(lists, '"0.0816"', '"0.816"')
        ended = cx("prices", "sync", "--region", "us-east-1")
        assert ended.code == 0
        assert "AmazonVPC nat-gateway: at $0 in AWS's list, so the older price stays\n" in ended.err
        assert "instance_type=m7g.large os=Linux" in ended.err
        assert "from 0.0816 to 0.816 USD: look whether that can be" in ended.err

    def test_says_of_a_list_that_is_not_there_where_it_was_looked_for(
        self, cx: Cx, lists: PriceListServer
    ) -> None:
        lists.files.clear()
        ended = cx("prices", "sync", "--region", "us-east-1")
        assert ended.code == 1
        assert "warning: AmazonEC2: there is no price list at " in ended.err

    def test_ends_with_1_where_an_offer_changed_its_shape(self, cx: Cx, lists: PriceListServer) -> None:
        put_ec2(lists, '"PricePerUnit"', '"Price"')
        ended = cx("prices", "sync", "--region", "us-east-1", "--json")
        assert ended.code == 1
        error = ended.answer["error"]
        assert error["code"] == "price_list_invalid"
        assert error["message"].startswith("AWS's price list of AmazonEC2 is not what it was")
        assert cx("prices", "status", "--json").answer["file"] is not None

    def test_of_a_region_that_nobody_has_changes_nothing(self, cx: Cx) -> None:
        ended = cx("prices", "sync", "--region", "us-esat-1")
        assert ended.code == 6
        assert "AWS's price list has nothing of us-esat-1" in ended.err
        assert cx("prices", "status", "--json").answer["file"] is None

    def test_renews_the_rest_where_one_offer_is_cut_off(self, cx: Cx, lists: PriceListServer) -> None:
        lists.cut[_EC2_FILE] = len(lists.files[_EC2_FILE]) // 2
        ended = cx("prices", "sync", "--region", "us-east-1")
        assert ended.code == 4
        assert "AmazonEC2 could not be read" in ended.err
        assert "other prices are renewed" in ended.err
        assert "cx prices sync --service AmazonEC2" in ended.err
        assert (prices_folder(Settings.from_environment()) / FILE).exists()

    def test_that_is_cut_off_leaves_the_book_as_it_was(self, cx: Cx, lists: PriceListServer) -> None:
        cx("prices", "sync", "--region", "us-east-1")
        file = prices_folder(Settings.from_environment()) / FILE
        before = file.read_bytes()
        lists.cut[_EC2_FILE] = len(lists.files[_EC2_FILE]) // 2
        ended = cx("prices", "sync", "--service", "AmazonEC2")
        assert ended.code == 4
        assert "cut off" in ended.err
        assert file.read_bytes() == before
        assert [one.name for one in file.parent.iterdir()] == [FILE]

    def test_makes_a_damaged_book_anew(self, cx: Cx) -> None:
        cx("prices", "sync", "--region", "us-east-1")
        file = prices_folder(Settings.from_environment()) / FILE
        file.write_bytes(file.read_bytes()[:5000])
        ended = cx("cost", STATE)
        assert ended.code == 1
        assert "The synchronised price book cannot be read" in ended.err
        assert cx("prices", "sync", "--region", "us-east-1").code == 0
        assert cx("cost", STATE).code == 0

    def test_keeps_what_was_read_of_other_regions(self, cx: Cx, lists: PriceListServer) -> None:
        lists.put_shipped(["us-east-1", "eu-west-1"])
        cx("prices", "sync", "--region", "eu-west-1")
        cx("prices", "sync", "--region", "us-east-1")
        prices = cx("prices", "status", "--json").answer["prices"]
        synced = {one["region"] for one in prices if one["synced"]}
        assert synced == {"global", "eu-west-1", "us-east-1"}


@pytest.mark.usefixtures("here")
class TestDiff:
    def test_shows_what_the_last_one_changed(self, cx: Cx, lists: PriceListServer) -> None:
        cx("prices", "sync", "--region", "us-east-1")
        put_ec2(lists, "0.045", "0.05")
        cx("prices", "sync")
        ended = cx("prices", "diff")
        assert "AmazonVPC us-east-1 nat-gateway: 0.045/hour → 0.05/hour (+11.1 %)" in ended.err
        answer = cx("prices", "diff", "--json").answer
        assert {one["usage"] for one in answer["changed"]} >= {"nat-gateway", "nat-gateway-data"}
        assert answer["added"] == answer["removed"] == []

    def test_compares_with_what_ships(self, cx: Cx) -> None:
        cx("prices", "sync", "--region", "us-east-1")
        cx("prices", "sync")
        answer = cx("prices", "diff", "--shipped", "--json").answer
        assert answer["changed"] == []
        assert answer["same"] > 1_500
        told = cx("prices", "diff", "--shipped").err
        assert "as shipped, " in told
        assert "gone" not in told
        assert "0 gone" in cx("prices", "diff").err

    def test_before_the_first_one_is_an_error(self, cx: Cx) -> None:
        ended = cx("prices", "diff")
        assert ended.code == 6
        assert "cx prices sync" in ended.err


@pytest.mark.usefixtures("here")
class TestStatus:
    def test_says_that_the_book_is_the_one_that_ships(self, cx: Cx) -> None:
        answer = cx("prices", "status", "--json").answer
        assert answer["file"] is None
        assert "AWSWAF" in answer["shipped_only"]
        assert "in use: the book that ships" in cx("prices", "status").err

    def test_tells_what_was_read_and_when(self, cx: Cx) -> None:
        cx("prices", "sync", "--region", "us-east-1")
        [nat] = [
            one
            for one in cx("prices", "status", "--json").answer["prices"]
            if (one["service"], one["region"]) == ("AWSELB", "us-east-1")
        ]
        assert nat["prices"] == nat["synced"] == 6
        assert nat["oldest"] == nat["newest"]


def test_a_service_of_which_no_list_is_read_is_told(cx: Cx, here: Path) -> None:
    ended = cx("prices", "sync", "--region", "us-east-1", "--service", "AWSWAF")
    assert ended.code == 2
    assert "its prices are those that ship" in ended.err


def test_a_list_of_nothing_but_what_is_shipped_has_every_line(lists: PriceListServer) -> None:
    lines = list(listed(EC2, shipped_rows(EC2, "us-east-1")))
    assert json.dumps(lines[0])
    assert lists.files[_EC2_FILE] == offer_csv("AmazonEC2", lines)


@pytest.mark.usefixtures("here")
class TestDiscounts:
    @pytest.fixture
    def discounts(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Twelve percent off everything."""
        file = here / "discounts.yaml"
        file.write_text("version: 1\npercent: 12\n")
        monkeypatch.setenv("CYGNI_DISCOUNTS", str(file))
        return file

    def test_are_deducted_from_every_price(
        self, cx: Cx, discounts: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        less = cx("cost", STATE, "--json").answer
        monkeypatch.delenv("CYGNI_DISCOUNTS")
        listed = cx("cost", STATE, "--json").answer
        assert float(less["monthly_after"]) == pytest.approx(float(listed["monthly_after"]) * 0.88)
        parts = [part for one in less["resources"] for part in one["components"] if part["price"]]
        assert {part["discount"] for part in parts} == {"list price less 12 %"}

    def test_are_named_to_people(self, cx: Cx, discounts: Path) -> None:
        shown = cx("cost", STATE, "--explain").err
        assert "discount: list price less 12 %" in shown
        assert "USD, less discounts, without free tier and tax" in shown

    def test_are_told_with_the_prices_in_use(self, cx: Cx, discounts: Path) -> None:
        discounts.write_text("version: 1\nrates: [{price: AmazonEC2 us-east-1 machine, usd: 1}]\n")
        answer = cx("prices", "status", "--json").answer
        assert answer["unused_rates"] == ["AmazonEC2 us-east-1 machine"]
        assert "the rate for AmazonEC2 us-east-1 machine fits no price" in cx("prices", "status").err

    def test_of_a_service_that_nobody_has_are_an_error(self, cx: Cx, discounts: Path) -> None:
        discounts.write_text("version: 1\nservices: {AmazonMSK: 5, AmazonElasticCache: 20}\n")
        ended = cx("cost", STATE)
        assert ended.code == 2
        assert "it has services.AmazonElasticCache, which is no service of any price" in ended.err
        assert 'did you mean "AmazonElastiCache"?' in ended.err

    def test_that_cannot_be_read_are_an_error(self, cx: Cx, discounts: Path) -> None:
        discounts.write_text("percent: 12\n")
        ended = cx("cost", STATE)
        assert ended.code == 2
        assert "it does not say version: 1" in ended.err
        discounts.unlink()
        assert "No such file or directory" in cx("cost", STATE).err
