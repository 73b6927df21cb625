from __future__ import annotations

import io
from datetime import date

import pytest

from cygni.errors import PriceListError
from cygni.pricing.price_list.offer_file import OfferFile, read_offer
from tests.price_list import offer_csv

TEXT = offer_csv("AmazonEKS", [{"usageType": "AmazonEKS-Hours:perCluster", "PricePerUnit": "0.1"}] * 3)


def opened(text: str, code: str = "AmazonEKS") -> OfferFile:
    return read_offer(io.StringIO(text, newline=""), code)


class TestReadOffer:
    def test_tells_version_and_day(self) -> None:
        file = opened(TEXT)
        assert (file.version, file.published) == ("20261101000000", date(2026, 11, 1))

    def test_yields_every_price(self) -> None:
        file = opened(TEXT)
        column = file.column("PricePerUnit")
        assert column is not None
        assert [row[column] for row in file.rows()] == ["0.1"] * 3

    def test_finds_columns_whatever_their_spaces_and_case(self) -> None:
        assert opened(TEXT).column("Region Code") == opened(TEXT).column("regioncode")
        assert opened(TEXT).column("Colour") is None

    def test_knows_no_column_of_which_there_are_two(self) -> None:
        assert opened(TEXT.replace('"Location Type"', '"location"', 1)).column("Location") is None

    def test_refuses_another_format(self) -> None:
        with pytest.raises(PriceListError, match=r"does not begin as format v1\.0"):
            opened(TEXT.replace("v1.0", "v2.0", 1))

    def test_refuses_another_offer(self) -> None:
        with pytest.raises(PriceListError, match="it is of the offer 'AmazonEKS'"):
            opened(TEXT, "AmazonEC2")

    def test_refuses_what_is_no_list_at_all(self) -> None:
        for text in ("", "<html>\n<body>Bad gateway</body>\n", '{"formatVersion": "v1.0"}\n'):
            with pytest.raises(PriceListError):
                opened(text)

    def test_never_takes_a_line_that_is_cut_off_for_another(self) -> None:
        whole = list(opened(TEXT).rows())
        begin = TEXT.rindex("\n", 0, -1)
        refused = 0
        for end in range(begin + 2, len(TEXT) - 1):
            try:
                assert list(opened(TEXT[:end]).rows()) == whole
            except PriceListError:
                refused += 1
        assert refused > len(TEXT) - begin - 8
