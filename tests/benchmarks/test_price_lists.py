from __future__ import annotations

import io

from benchmarks.price_lists import list_block, list_head, list_of
from cygni.pricing.price_list.matching import match_offer
from cygni.pricing.price_list.offer_file import read_offer
from cygni.pricing.price_list.offers import ec2


class TestListOf:
    def test_is_a_price_list_of_about_that_size(self) -> None:
        size = 3 * 2**20
        text = b"".join(list_of(size, list_head(), list_block()))
        assert 0.99 * size < len(text) < 1.01 * size
        file = read_offer(io.StringIO(text.decode(), newline=""), "AmazonEC2")
        found = match_offer(ec2.OFFER, file, "us-east-1", "2026-11-22")
        assert found.problems == ()
        assert {row.usage for row in found.rows} == {"instance"}

    def test_of_more_than_a_block_has_the_same_prices(self) -> None:
        block = list_block()
        text = b"".join(list_of(len(block) + 2**20, list_head(), block))
        file = read_offer(io.StringIO(text.decode(), newline=""), "AmazonEC2")
        assert len(match_offer(ec2.OFFER, file, "us-east-1", "2026-11-22").rows) == 2_400
