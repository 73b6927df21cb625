from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Thread

import pytest

from cygni.errors import PriceListError, Unreachable
from cygni.pricing.price_list.matching import Found
from cygni.pricing.price_list.offers import offers_of
from cygni.pricing.price_list.problems import Problem, ProblemKind
from cygni.targets import price_list
from cygni.targets.price_list import PriceLists
from tests.price_list import PriceListServer, serving

EKS = offers_of(["AmazonEKS"])
INDEX = "/offers/v1.0/aws/AmazonEKS/current/region_index.json"
FILE = "/offers/v1.0/aws/AmazonEKS/20261101000000/us-east-1/index.csv"


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> Iterator[PriceListServer]:
    """A server with the figures that ship, of one small offer."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(price_list, "_PAUSE", 0)
    with serving() as server:
        server.put_shipped(["us-east-1"], EKS)
        yield server


def read(address: str, *regions: str) -> tuple[list[Found], list[Problem]]:
    places = regions or ("us-east-1",)
    return PriceLists(address).read(EKS, places, "2026-11-22", lambda *_: None)


class TestPriceLists:
    def test_reads_the_file_of_each_region(self, lists: PriceListServer) -> None:
        [found], problems = read(lists.address)
        assert (found.version, len(found.rows), problems) == ("20261101000000", 1, [])
        assert lists.asked == [INDEX, FILE]

    def test_reads_the_one_file_of_what_belongs_to_no_region(self, lists: PriceListServer) -> None:
        offers = offers_of(["AmazonRoute53"])
        lists.put_shipped([], offers)
        [found], _ = PriceLists(lists.address).read(offers, ["eu-west-1"], "2026-11-22", lambda *_: None)
        assert (found.region, lists.asked) == ("global", ["/offers/v1.0/aws/AmazonRoute53/current/index.csv"])

    def test_tells_what_it_reads(self, lists: PriceListServer) -> None:
        told: list[tuple[str, str]] = []
        PriceLists(lists.address).read(EKS, ["us-east-1"], "2026-11-22", lambda *one: told.append(one))
        assert told == [("AmazonEKS", "us-east-1")]

    def test_says_where_there_is_no_offer(self, lists: PriceListServer) -> None:
        found, [problem] = read(lists.address, "eu-north-9")
        assert (found, problem.kind, problem.region) == ([], ProblemKind.MISSING, "eu-north-9")

    def test_goes_on_after_an_offer_that_is_not_there(self, lists: PriceListServer) -> None:
        offers = (*offers_of(["AmazonECR"]), *EKS)
        found, [problem] = PriceLists(lists.address).read(
            offers, ["us-east-1"], "2026-11-22", lambda *_: None
        )
        assert [one.offer.code for one in found] == ["AmazonEKS"]
        assert (problem.kind, problem.offer) == (ProblemKind.FILE, "AmazonECR")
        assert "HTTP 404" in problem.text

    @pytest.mark.parametrize(
        "index", ["", "[]", '{"regions": []}', '{"regions": {"us-east-1": {"url": "x"}}}']
    )
    def test_reports_an_index_of_another_shape(self, lists: PriceListServer, index: str) -> None:
        lists.files[INDEX] = index
        found, [problem] = read(lists.address)
        assert (found, problem.kind) == ([], ProblemKind.FILE)

    def test_never_takes_a_file_that_was_cut_off_for_whole(self, lists: PriceListServer) -> None:
        text = lists.files[FILE]
        for end in range(0, len(text), 97):
            lists.cut[FILE] = end
            with pytest.raises(Unreachable, match="cut off"):
                read(lists.address)

    def test_that_is_cut_off_between_two_lines_is_none_either(self, lists: PriceListServer) -> None:
        lists.cut[FILE] = lists.files[FILE].rindex("\n", 0, -1) + 1
        with pytest.raises(Unreachable, match="cut off"):
            read(lists.address)

    def test_goes_on_after_an_offer_that_nobody_answers_for(self, lists: PriceListServer) -> None:
        both = offers_of(["AmazonEKS", "AmazonECR"])
        lists.put_shipped(["us-east-1"], both)
        lists.cut[INDEX] = 10
        found, problems = PriceLists(lists.address).read(both, ("us-east-1",), "2026-11-22", lambda *_: None)
        assert {one.offer.code for one in found} == {"AmazonECR"}
        assert [(one.kind, one.offer) for one in problems] == [(ProblemKind.SILENT, "AmazonEKS")]

    def test_asks_again_before_it_gives_up(self, lists: PriceListServer) -> None:
        lists.cut[FILE] = 100
        with pytest.raises(Unreachable):
            read(lists.address)
        assert lists.asked.count(FILE) == 3

    def test_refuses_an_answer_that_does_not_say_how_long_it_is(self, lists: PriceListServer) -> None:
        def answer(listening: socket.socket) -> None:
            for _ in range(3):
                taken, _ = listening.accept()
                with taken:
                    taken.recv(4096)
                    taken.sendall(b"HTTP/1.0 200 OK\r\n\r\n{}")

        with closing(socket.create_server(("127.0.0.1", 0))) as listening:
            thread = Thread(target=answer, args=(listening,))
            thread.start()
            with pytest.raises(Unreachable, match="does not say how long it is"):
                read(f"http://127.0.0.1:{listening.getsockname()[1]}")
            thread.join()

    def test_says_that_nobody_answers(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(price_list, "_PAUSE", 0)
            with pytest.raises(Unreachable, match="cannot be read"):
                read(address)

    def test_reports_what_is_no_text(self, lists: PriceListServer, monkeypatch: pytest.MonkeyPatch) -> None:
        def unreadable(*_: object) -> None:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")

        monkeypatch.setattr(price_list, "read_offer", unreadable)
        assert read(lists.address)[1][0].kind is ProblemKind.FILE


def test_an_error_of_a_list_is_told_apart() -> None:
    assert PriceListError("x").code == "price_list_invalid"
