"""Cursors of lists: where the next page begins, signed, and of no use in another list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from cygni.errors import UsageError

LARGEST_PAGE = 100
_SIGNATURE = 16
Item = TypeVar("Item")


class Cursors:
    """`listing` names the list with its organisation and filters."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def after(self, listing: str, last: str) -> str:
        """The cursor for what comes after `last`, the sort key of a page's last item."""
        body = json.dumps(last).encode()
        return base64.urlsafe_b64encode(self._signature(listing, body) + body).decode().rstrip("=")

    def cut(
        self, listing: str, found: Sequence[Item], limit: int, key: Callable[[Item], object]
    ) -> tuple[Sequence[Item], str | None]:
        """The page of the first `limit`, and the cursor for what comes after it: none where nothing does. `key` gives
        an item's sort key."""
        page = found[:limit]
        return page, self.after(listing, str(key(page[-1]))) if len(found) > limit else None

    def read(self, listing: str, cursor: str) -> str:
        """The sort key. Raises UsageError for a cursor that this list did not give."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raw = b""
        signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(listing, body)):
            raise UsageError(
                "the cursor is not one of this list",
                hint="Use `next` of the page before, as it is, with the same filters.",
            )
        return str(json.loads(body))

    def _signature(self, listing: str, body: bytes) -> bytes:
        return hmac.new(self._key, listing.encode() + b"\0" + body, hashlib.sha256).digest()[:_SIGNATURE]
