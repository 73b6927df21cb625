"""An invoice as PDF, of nothing but its document: the same document gives the same bytes (pure).

Letters that the font lacks are shown as `?`: the document has them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, TableCellFillMode
from fpdf.fonts import FontFace, TTFFont

from cygni.billing.shown import shown_day, shown_moment, zone_of

_FONT: Final = "roboto"
_MARGIN: Final = 18.0
_BODY, _SMALL, _TITLE = 9.5, 8.0, 20.0
_GREY: Final = (105, 105, 105)
_RULE: Final = (205, 205, 205)
_WIDTHS: Final = (66, 32, 50, 26)
"""Of the columns, in millimetres."""

Row = tuple[str, str, str, str]


def invoice_pdf(document: Mapping[str, Any]) -> bytes:
    """`document` is that of an invoice, as `invoice_document` makes it."""
    zone = ZoneInfo(zone_of(document))
    page = _Page(datetime.fromisoformat(document["issued"] or document["period"]["end"]))
    title = f"Invoice {document['number']}" if document["number"] else "Draft of an invoice"
    page.heading(title, document["organization"]["name"])
    page.facts(_facts(document, zone))
    page.table(("Charge", "Quantity", "Price", "Amount"), list(_lines(document, zone)))
    page.table(("", "", "", document["currency"]), list(_sums(document)), bold_last=True)
    page.note(f"Days and times are those of {zone.key}. The same as JSON: {document['invoice']}")
    return page.bytes()


def _facts(document: Mapping[str, Any], zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "Billed to", f"{document['organization']['name']} ({document['organization']['slug']})"
    yield "Period", _span(document["period"], zone)
    if document["issued"]:
        yield "Issued", shown_day(document["issued"], zone)
    if document["due"]:
        yield "Due", shown_day(document["due"], zone)


def _lines(document: Mapping[str, Any], zone: ZoneInfo) -> Iterator[Row]:
    for line in document["lines"]:
        parts = [] if line["period"] == document["period"] else [_span(line["period"], zone)]
        parts += ["on trial"] if line["on_trial"] else []
        parts += [f"{line['included']} included"] if line["included"] != "0" else []
        at_least = line["at_least"] != "0" and line["kind"] == "usage"
        parts += [f"at least {line['at_least']}"] if at_least else []
        name = line["name"] + (f"\n{', '.join(parts)}" if parts else "")
        quantity = line["quantity"] if line["meter"] else ""
        yield name, quantity, "\n".join(map(_price, line["steps"])), line["amount"]
    for one in document["adjustments"]:
        yield f"{one['name']}, late or corrected\n{_span(one['period'], zone)}", "", "", one["amount"]


def _price(step: Mapping[str, str]) -> str:
    fee = f" + {step['fee']}" if step["fee"] != "0" else ""
    return f"{step['quantity']} × {step['unit_price']}{fee}"


def _sums(document: Mapping[str, Any]) -> Iterator[Row]:
    if document["carried"] not in ("0", "0.00"):
        yield "Carried over from before", "", "", document["carried"]
    yield "Subtotal", "", "", document["subtotal"]
    for used in document["credits"]:
        yield f"Credit {used['grant']}", "", "", f"-{used['amount']}"
    yield f"Tax, {document['tax_rate']} %", "", "", document["tax"]
    if document["carried_over"] not in ("0", "0.00"):
        yield "Carried over to the next invoice", "", "", document["carried_over"]
    yield "Total", "", "", document["total"]


def _span(period: Mapping[str, str], zone: ZoneInfo) -> str:
    return f"{shown_moment(period['start'], zone)} to {shown_moment(period['end'], zone)}"


class _Page:
    def __init__(self, made: datetime) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_creation_date(made)
        self._pdf.set_margin(_MARGIN)
        folder = files("font_roboto") / "files"
        for style, name in (("", "Roboto-Regular"), ("B", "Roboto-Bold")):
            self._pdf.add_font(_FONT, style, str(folder / f"{name}.ttf"))
        self._pdf.add_page()

    def heading(self, title: str, whose: str) -> None:
        self._pdf.set_title(title)
        self._pdf.set_author("Cygni")
        self._pdf.set_subject(whose)
        self._write(title, _TITLE, bold=True)
        self._pdf.ln(3)

    def facts(self, facts: Iterator[tuple[str, str]]) -> None:
        for name, value in facts:
            self._pdf.set_font(_FONT, size=_BODY)
            self._pdf.set_text_color(_GREY)
            self._pdf.cell(28, 5.5, name)
            self._pdf.set_text_color(0)
            self._pdf.multi_cell(0, 5.5, self._shown(value), new_x="LMARGIN", new_y="NEXT")
        self._pdf.ln(5)

    def table(self, headings: Row, rows: list[Row], *, bold_last: bool = False) -> None:
        """The first column is text, the others are figures."""
        self._pdf.set_font(_FONT, size=_BODY)
        self._pdf.set_draw_color(_RULE)
        bold = FontFace(family=_FONT, emphasis="BOLD", size_pt=_BODY)
        with self._pdf.table(
            col_widths=_WIDTHS, text_align=(Align.L, Align.R, Align.R, Align.R),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES, headings_style=bold, line_height=5.2, padding=1.2,
            cell_fill_mode=TableCellFillMode.NONE,
        ) as table:  # fmt: skip
            for number, cells in enumerate([headings, *rows]):
                style = bold if bold_last and number == len(rows) else None
                row = table.row(style=style)
                for cell in cells:
                    row.cell(self._shown(cell))
        self._pdf.ln(5)

    def note(self, text: str) -> None:
        self._pdf.set_text_color(_GREY)
        self._write(text, _SMALL)

    def bytes(self) -> bytes:
        return bytes(self._pdf.output())

    def _write(self, text: str, size: float, *, bold: bool = False) -> None:
        self._pdf.set_font(_FONT, "B" if bold else "", size)
        self._pdf.multi_cell(0, size / 2, self._shown(text), new_x="LMARGIN", new_y="NEXT")

    def _shown(self, text: str) -> str:
        font = self._pdf.fonts[_FONT]
        assert isinstance(font, TTFFont)
        return "".join(one if one == "\n" or ord(one) in font.cmap else "?" for one in text)
