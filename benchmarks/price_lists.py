"""How long `cx prices sync` takes for the price list of EC2, and how much memory: a list of the shape and the size of
AWS's largest, served on loopback and made while it is served."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from benchmarks.measuring import Commands, ratio
from benchmarks.memory import peaks_of
from benchmarks.places import CX
from benchmarks.results import Row, compared

SMALL, LARGE = 32 * 2**20, 2 * 2**30
"""Bytes; the small one has every price that the large one has. AWS's list of EC2 in us-east-1 has 300 MB; that of all
regions, which is not read, some gigabytes."""

GOAL_MEMORY = 1.25
GOAL_MEBIBYTES = 150.0
_REGION = "us-east-1"
_TYPES = 1_200
_RESERVED = 6
_CURRENT = "/offers/v1.0/aws/AmazonEC2/current/region_index.json"
_FILE = "/offers/v1.0/aws/AmazonEC2/20261101000000/us-east-1/index"
_TITLES = (
    "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange",
    "EndingRange", "Unit", "PricePerUnit", "Currency", "RelatedTo", "LeaseContractLength", "PurchaseOption",
    "OfferingClass", "Product Family", "serviceCode", "Location", "Location Type", "Instance Type",
    "Current Generation", "Instance Family", "vCPU", "Physical Processor", "Clock Speed", "Memory", "Storage",
    "Network Performance", "Processor Architecture", "Storage Media", "Volume Type", "Tenancy", "EBS Optimized",
    "Operating System", "License Model", "Group", "Group Description", "Transfer Type", "From Location",
    "To Location", "usageType", "operation", "AvailabilityZone", "CapacityStatus", "Dedicated EBS Throughput", "ECU",
    "Enhanced Networking Supported", "GPU", "Instance", "instanceSKU", "Intel AVX2 Available", "MarketOption",
    "Normalization Size Factor", "Physical Cores", "Pre Installed S/W", "Processor Features", "Product Type",
    "Region Code", "Resource Type", "serviceName", "Volume API Name", "VPCNetworkingSupport",
)  # fmt: skip
# What has no more to do than to read: the least that the time can be held against.
_READ = """\
import csv, io, sys, urllib.request
print(sum(1 for row in csv.reader(io.TextIOWrapper(urllib.request.urlopen(sys.argv[1])))))
"""


def list_head() -> bytes:
    """The six lines that a list begins with."""
    head = (
        ("FormatVersion", "v1.0"),
        ("Disclaimer", "This pricing list is for informational purposes only."),
        ("Publication Date", "2026-11-01T00:00:00Z"),
        ("Version", "20261101000000"),
        ("OfferCode", "AmazonEC2"),
        _TITLES,
    )
    return _csv(head)


def list_block() -> bytes:
    """Lines for each of some instance types: what is on demand, and seven times as many that are not taken."""
    return _csv(_lines())


def _csv(lines: Iterator[tuple[str, ...]] | tuple[tuple[str, ...], ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def _lines() -> Iterator[tuple[str, ...]]:
    for number in range(_TYPES):
        kind = f"m{number}g.large"
        for system in ("Linux", "Windows", "RHEL", "SUSE"):
            for term in range(_RESERVED + 1):
                known = {
                    "SKU": f"{number:06}{system.upper():X<7}{term}",
                    "TermType": "Reserved" if term else "OnDemand",
                    "PriceDescription": f"${number / 10_000} per On Demand {system} {kind} Instance Hour",
                    "EffectiveDate": "2026-11-01",
                    "StartingRange": "0",
                    "EndingRange": "Inf",
                    "Unit": "Hrs",
                    "PricePerUnit": f"{(number + 1) / 10_000:.10f}",
                    "Currency": "USD",
                    "Product Family": "Compute Instance",
                    "serviceCode": "AmazonEC2",
                    "Location": "US East (N. Virginia)",
                    "Location Type": "AWS Region",
                    "Instance Type": kind,
                    "Physical Processor": "AWS Graviton Processor",
                    "Tenancy": "Shared",
                    "Operating System": system,
                    "License Model": "No License required",
                    "usageType": f"BoxUsage:{kind}",
                    "operation": "RunInstances",
                    "CapacityStatus": "Used",
                    "Pre Installed S/W": "NA",
                    "Region Code": _REGION,
                    "serviceName": "Amazon Elastic Compute Cloud",
                }
                yield tuple(known.get(title, "") for title in _TITLES)


def list_of(size: int, head: bytes, block: bytes) -> Iterator[bytes]:
    """The file in pieces: about `size` bytes, of whole lines."""
    yield head
    for _ in range(size // len(block)):
        yield block
    yield block[: block.rindex(b"\n", 0, size % len(block)) + 1]


@contextmanager
def served() -> Iterator[tuple[str, dict[str, int]]]:
    """A server of lists: its address, and a place to say under `size` how large they are."""
    head, block, wanted = list_head(), list_block(), {"size": SMALL}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == _CURRENT:
                entry = {"regionCode": _REGION, "currentVersionUrl": f"{_FILE}.json"}
                self._answer([json.dumps({"regions": {_REGION: entry}}).encode()])
            elif self.path == f"{_FILE}.csv":
                self._answer(list_of(wanted["size"], head, block))
            else:
                self.send_error(404)

        def _answer(self, pieces: object) -> None:
            made = list(pieces)  # type: ignore[call-overload]  # the same block many times over: not copied
            self.send_response(200)
            self.send_header("Content-Length", str(sum(len(piece) for piece in made)))
            self.end_headers()
            for piece in made:
                self.wfile.write(piece)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", wanted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def measured(folder: Path, say: Callable[[str], None]) -> list[Row]:
    """`cx prices sync` of the largest list against just reading it, and its memory against that for a small one."""
    folder.mkdir(parents=True, exist_ok=True)
    with served() as (address, wanted):
        environment = {**os.environ, "CYGNI_PRICE_LIST": address, "CYGNI_DATA_DIR": str(folder / "data")}
        commands = Commands(folder, environment, 1200.0)
        sync = (CX, "prices", "sync", "--region", _REGION, "--service", "AmazonEC2", "--json")
        small = peaks_of(commands, *sync)["cx"] / 2**20
        wanted["size"] = LARGE
        say(f"a price list of {LARGE / 2**30:.0f} GiB")
        large = peaks_of(commands, *sync)["cx"] / 2**20
        took = commands.run(*sync)
        read = commands.run(sys.executable, "-c", _READ, f"{address}{_FILE}.csv")
    mebibytes = LARGE >> 20
    return [
        compared("cx prices sync : reading it with Python's csv", mebibytes, ratio([took], [read])),
        Row(
            "memory of cx prices sync, against a list of 32 MiB",
            mebibytes,
            f"{large:.0f} MiB",
            f"{small:.0f} MiB",
            ratio([large], [small]),
            GOAL_MEMORY,
        ),
        Row(
            "memory of cx prices sync",
            mebibytes,
            f"{large:.0f} MiB",
            f"{GOAL_MEBIBYTES:.0f} MiB",
            ratio([large], [GOAL_MEBIBYTES]),
            1.0,
        ),
    ]
