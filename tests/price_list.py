"""AWS's price list as AWS writes it: CSV files of offers, made of rows of the price book, and a server of them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cygni.pricing.book_file import Row, read_rows
from cygni.pricing.book_sources import TIER, by_group
from cygni.pricing.price_book import SHIPPED, PriceBook
from cygni.pricing.price_list.offers import OFFERS
from cygni.pricing.price_list.rules import Offer, Ranges, Rule

Line = Mapping[str, str]

TITLES = (
    "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange",
    "EndingRange", "Unit", "PricePerUnit", "Currency", "LeaseContractLength", "PurchaseOption", "OfferingClass",
    "Product Family", "serviceCode", "Location", "Location Type", "Region Code", "usageType", "operation",
)  # fmt: skip
_ON_DEMAND = {"TermType": "OnDemand", "StartingRange": "0", "EndingRange": "Inf", "Currency": "USD"}
_USAGE_TYPES = {
    r"(?:BoxUsage|DedicatedUsage)(?::.+)?": "BoxUsage:{instance_type}",
    r"CPUCredits:(?P<family>[a-z0-9]+)": "CPUCredits:{family}",
    r"EBS:VolumeUsage(?:\.[a-z0-9]+)?": "EBS:VolumeUsage.{volume_type}",
    r"(?:InstanceUsage|Multi-AZUsage):db\..+": "InstanceUsage:{instance_class}",
    r"InstanceUsage:db\..+": "InstanceUsage:{instance_class}",
    r"RDS:(?:Multi-AZ-)?(?:(?:GP2|GP3|PIOPS)-Storage|StorageUsage)": "RDS:GP3-Storage",
    r"Aurora:IO-?OptimizedStorageUsage": "Aurora:IO-OptimizedStorageUsage",
    r"NodeUsage:cache\..+": "NodeUsage:{node_type}",
    r"(?:ElastiCache:)?BackupUsage": "BackupUsage",
    r"Requests(?:-[A-Za-z0-9]+)*": "Requests-RBP",
}


def offer_csv(code: str, lines: Iterable[Line], *, version: str = "20261101000000") -> str:
    """The file of an offer with these lines; what they do not say is as in most of AWS's."""
    known = [{**_ON_DEMAND, "SKU": f"SKU{number}", **line} for number, line in enumerate(lines)]
    looked_at = [
        title
        for offer in OFFERS
        if offer.code == code
        for title in (
            offer.region_title,
            offer.place_title,
            *(one for rule in offer.rules for one in rule.titles),
        )
    ]
    titles = list(dict.fromkeys((*TITLES, *looked_at, *(title for line in known for title in line))))
    file = io.StringIO()
    write = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow
    for pair in (
        ("FormatVersion", "v1.0"),
        ("Disclaimer", "This pricing list is for informational purposes only, and so on."),
        ("Publication Date", f"{version[:4]}-{version[4:6]}-{version[6:8]}T00:00:00Z"),
        ("Version", version),
        ("OfferCode", code),
        titles,
    ):
        write(pair)
    for line in known:
        write([line.get(title, "") for title in titles])
    return file.getvalue()


def listed(offer: Offer, rows: Iterable[Row]) -> Iterator[Line]:
    """The lines of a list that has these rows of one service and region, as far as the offer has a rule for them."""
    for group in by_group(rows).values():
        for rule in offer.rules:
            own = [row for row in group if rule.covers(row)]
            yield from _lines(offer, rule, own)


def _lines(offer: Offer, rule: Rule, rows: list[Row]) -> Iterator[Line]:
    if rule.ranges not in (Ranges.DATA, Ranges.COUNT):
        yield from (_line(offer, rule, row) for row in rows)
        return
    for row in rows[:1]:
        attributes = tuple(pair for pair in row.attributes if pair[0] != TIER)
        tiers = PriceBook.of(rows).tiers(row.service, row.region, row.usage, attributes)
        known = {one.attributes: one for one in rows}
        for tier in tiers:
            yield _line(offer, rule, known[tier.price.attributes]) | _amounts(tier.start, tier.end)
        if tiers and tiers[-1].end is not None:  # AWS lists all of them, the book not always
            yield _line(offer, rule, known[tiers[-1].price.attributes]) | _amounts(tiers[-1].end, None)


def _line(offer: Offer, rule: Rule, row: Row) -> dict[str, str]:
    attributes = dict(row.attributes)
    spelling, each = next(iter(rule.units.items()))
    return {
        offer.place_title: "" if offer.worldwide else "AWS Region",
        **{title: value if isinstance(value, str) else value[0] for title, value in rule.where.items()},
        **{column.title: _written(column.names, attributes[name]) for name, column in rule.by.items()},
        "usageType": _usage_type(offer, rule, row),
        "Unit": spelling,
        "PricePerUnit": format(row.usd * each, "f"),
        offer.region_title: "" if offer.worldwide else row.region,
    }


def _amounts(start: Decimal, end: Decimal | None) -> dict[str, str]:
    return {"StartingRange": f"{start:f}", "EndingRange": "Inf" if end is None else f"{end:f}"}


def _written(names: Mapping[str, str] | None, value: str) -> str:
    return value if names is None else next(written for written, name in names.items() if name == value)


def _usage_type(offer: Offer, rule: Rule, row: Row) -> str:
    pattern = _USAGE_TYPES.get(rule.usage_type)
    own = pattern.format_map(dict(row.attributes)) if pattern else re.sub(r"\\(.)", r"\1", rule.usage_type)
    return own if offer.worldwide or row.region == "us-east-1" else f"EUC1-{own}"


def shipped_rows(offer: Offer, region: str) -> list[Row]:
    """What the book that ships has of an offer, in a region."""
    return [
        row
        for service in sorted(offer.services)
        for row in read_rows(SHIPPED / f"{service}.jsonl")
        if row.region == region
    ]


@dataclass
class PriceListServer:
    """Files by their path below the address. A body of bytes may be `cut` short of what is announced."""

    files: dict[str, str] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def put(self, offer: Offer, texts: Mapping[str, str]) -> None:
        """The file of an offer for each region, and the index of them; of a worldwide one for `global`."""
        current = f"/offers/v1.0/aws/{offer.code}/current"
        if offer.worldwide:
            self.files[f"{current}/index.csv"] = texts["global"]
            return
        paths = {region: f"/offers/v1.0/aws/{offer.code}/20261101000000/{region}/index" for region in texts}
        self.files[f"{current}/region_index.json"] = json.dumps(
            {
                "formatVersion": "v1.0",
                "regions": {
                    region: {"regionCode": region, "currentVersionUrl": f"{path}.json"}
                    for region, path in paths.items()
                },
            }
        )
        self.files |= {f"{paths[region]}.csv": text for region, text in texts.items()}

    def put_shipped(self, regions: Iterable[str], offers: Iterable[Offer] = OFFERS) -> None:
        """Lists with just the figures that ship."""
        known = tuple(regions)
        for offer in offers:
            places = ("global",) if offer.worldwide else known
            self.put(
                offer,
                {
                    region: offer_csv(offer.code, listed(offer, shipped_rows(offer, region)))
                    for region in places
                },
            )


@contextmanager
def serving() -> Iterator[PriceListServer]:
    """A server of price lists, on loopback."""
    lists = PriceListServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            lists.asked.append(self.path)
            text = lists.files.get(self.path)
            body = (text or "").encode()
            self.send_response(200 if text is not None else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: lists.cut.get(self.path, len(body))])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    lists.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield lists
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
