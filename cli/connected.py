"""What commands about the control plane share: which one, which organization, and how lists are shown."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from cli.terminal import answer, console, print_table

if TYPE_CHECKING:
    from datetime import tzinfo

    from cygni.control_plane.connection import Connection

Organization = Annotated[
    str | None,
    typer.Option("--org", help="The organization.", show_default="the chosen one, or the only one"),
]
LARGEST_PAGE = 100
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)")


def connected(organization: str | None = None) -> Connection:
    """Raises Unauthenticated where nobody is signed in."""
    from cygni.control_plane.connection import connect
    from cygni.settings import Settings

    return connect(Settings.from_environment(), os.environ, organization)


def every_page(
    connection: Connection, *path: str, limit: int | None = None, asked: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The items of a list, page by page, `limit` of them at most; `asked` is more of the query."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while limit is None or len(found) < limit:
        left = LARGEST_PAGE if limit is None else min(LARGEST_PAGE, limit - len(found))
        page = connection.api.get(*path, cursor=cursor, limit=left, **(asked or {}))
        found += page["items"]
        cursor = page.get("next")
        if cursor is None:
            break
    return found


def an_id(what: str, hint: str) -> Callable[[str], str]:
    """Checks an argument that is the id of a `what`; `hint` says where its ids are seen.

    Raises NotFound for what can be no id.
    """

    def check(given: str) -> str:
        from cygni.errors import NotFound
        from cygni.wording import quoted

        try:
            return str(UUID(given))
        except ValueError:
            raise NotFound(f"there is no {what} {quoted(given)}", hint=hint) from None

    return check


def show_items(
    items: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, as_json: bool, none: str
) -> None:
    """A table with `columns` (heading to field), or one JSON object with `items`; `none` is said of an empty list."""
    if as_json:
        answer({"items": list(items)})
        return
    if not items:
        console().print(none, markup=False)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for heading in columns:
        table.add_column(heading, overflow="fold")
    for item in items:
        table.add_row(*(Text(_cell(item.get(name))) for name in columns.values()))
    print_table(table)


def shown_moment(text: str, zone: str) -> str:
    """A time of the API as people of a time zone read it: the day where it is its midnight, else with the time. In UTC
    where this machine knows no such zone."""
    from cygni.billing import shown

    return shown.shown_moment(text, _zone(zone))


def shown_day(text: str, zone: str) -> str:
    """The day of a time of the API in a time zone; in UTC where this machine knows no such zone."""
    from cygni.billing import shown

    return shown.shown_day(text, _zone(zone))


def _zone(name: str) -> tzinfo:
    from datetime import UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return UTC


def tell(text: str) -> None:
    console().print(text, markup=False, soft_wrap=True)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return to_the_second(str(value))


def to_the_second(text: str) -> str:
    """A time of the API (ISO 8601, UTC) without parts of a second; other text as it is."""
    found = _TIME.fullmatch(text)
    return f"{found[1]}Z" if found else text
