"""Reads AWS's price list over HTTP: the public files, which ask for no credentials.

`/offers/v1.0/aws/OFFER/current/region_index.json` tells where the file of each region is, in JSON and beside it in CSV;
`/offers/v1.0/aws/OFFER/current/index.csv` is the file of an offer with all regions (AWS, "Getting price list files
manually").
"""

from __future__ import annotations

import io
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import IO, Any, Final, TypeVar
from urllib.parse import urljoin

from cygni.errors import PriceListError, Unreachable
from cygni.pricing.price_list.matching import Found, match_offer
from cygni.pricing.price_list.offer_file import read_offer
from cygni.pricing.price_list.problems import Problem, ProblemKind
from cygni.pricing.price_list.rules import GLOBAL, Offer
from cygni.pricing.price_list.synchronising import not_offered

_SECONDS: Final = 30  # without a byte
_ATTEMPTS: Final = 3
_PAUSE: Final = 1.0  # seconds before another attempt, and as many more before the next
_INDEX: Final = 16 << 20  # bytes of an index at most; AWS's are some kilobytes
_NOT_THERE: Final = frozenset({403, 404})

T = TypeVar("T")

Progress = Callable[[str, str], None]
"""Told the offer and the region that is read next."""


class PriceLists:
    """The price lists below an address."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/"

    def read(
        self, offers: Sequence[Offer], regions: Sequence[str], read_on: str, progress: Progress
    ) -> tuple[list[Found], list[Problem]]:
        """What each offer has of each region. An offer whose files cannot be read is a problem, and the rest goes on.

        Raises Unreachable where nobody answers for any offer, also after another attempt.
        """
        found: list[Found] = []
        problems: list[Problem] = []
        silent: Unreachable | None = None
        for offer in offers:
            try:
                for region, path in self._files(offer, regions):
                    progress(offer.code, region)
                    if path is None:
                        problems.append(not_offered(offer, region))
                    else:
                        found.append(_again(lambda: self._match(offer, region, path, read_on)))  # noqa: B023
            except PriceListError as error:
                problems.append(Problem(ProblemKind.FILE, offer.code, "", "", error.message))
            except Unreachable as error:
                if silent is not None and not found:
                    raise  # it is not this offer alone
                silent = error
                problems.append(Problem(ProblemKind.SILENT, offer.code, "", "", error.message))
        if silent is not None and not found:
            raise silent
        return found, problems

    def _files(self, offer: Offer, regions: Sequence[str]) -> Iterator[tuple[str, str | None]]:
        """Each region with the path of its file; None where AWS does not offer it."""
        current = f"offers/v1.0/aws/{offer.code}/current"
        if offer.worldwide:
            yield GLOBAL, f"{current}/index.csv"
            return
        index = _again(lambda: self._index(f"{current}/region_index.json", offer.code))
        for region in regions:
            entry = index.get(region)
            path = entry.get("currentVersionUrl") if isinstance(entry, dict) else None
            if entry is not None and not (isinstance(path, str) and path.endswith(".json")):
                raise PriceListError(f"the index of {offer.code} does not tell the file of {region}")
            yield region, f"{path.removesuffix('.json')}.csv".lstrip("/") if path else None

    def _index(self, path: str, code: str) -> dict[str, Any]:
        with self._opened(path) as answer:
            text = answer.read(_INDEX)
        try:
            regions = json.loads(text)["regions"]
        except (ValueError, KeyError, TypeError, RecursionError):
            regions = None
        if not isinstance(regions, dict):
            raise PriceListError(f"the index of {code} is not what it was: it has no regions")
        return regions

    def _match(self, offer: Offer, region: str, path: str, read_on: str) -> Found:
        with self._opened(path) as answer:
            lines = io.TextIOWrapper(answer, encoding="utf-8", newline="")
            try:
                return match_offer(offer, read_offer(lines, offer.code), region, read_on)
            except UnicodeDecodeError:
                raise PriceListError(f"the price list of {offer.code} is no text") from None

    @contextmanager
    def _opened(self, path: str) -> Iterator[IO[bytes]]:
        url = urljoin(self._address, path)
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310  # checked by Settings
                yield io.BufferedReader(_Whole(answer))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _NOT_THERE:
                raise PriceListError(f"there is no price list at {url}: HTTP {error.code}") from None
            raise Unreachable(
                f"the price list does not answer: HTTP {error.code} of {url}", hint=_HINT
            ) from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise Unreachable(f"the price list cannot be read at {url}: {reason}", hint=_HINT) from error


_HINT: Final = "The book stays as it was. Try again later; CYGNI_PRICE_LIST names a mirror."


class _Whole(io.RawIOBase):
    """The body of an answer that has to be as long as was announced: urllib takes a body that was cut off for whole."""

    def __init__(self, answer: HTTPResponse) -> None:
        self._answer = answer
        if answer.length is None and not answer.chunked:
            raise OSError("it does not say how long it is")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._answer.length
        count = self._answer.readinto(buffer)
        if not count and left:
            raise OSError(f"it was cut off, {left} bytes before its end")
        return count


def _again(work: Callable[[], T]) -> T:
    """Tries again what nobody answered. Raises Unreachable after the last attempt."""
    for attempt in range(1, _ATTEMPTS):
        try:
            return work()
        except Unreachable:
            time.sleep(attempt * _PAUSE)
    return work()
