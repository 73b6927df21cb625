"""`cx invoices`, against a server: what owners read, and what operators do."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pypdf import PdfReader

from cli.invocation import invoke
from tests.cli.conftest import Ended
from tests.platform_api.invoices.books import Books
from tests.platform_api.invoices.test_bill_run import DAY, MARCH
from tests.platform_api.people import PASSWORD, Person
from tests.platform_api.served import Served


@dataclass
class Terminal:
    """Where the owner and the operator type commands, each on a machine of their own."""

    books: Books
    url: str
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def sign_in(self, person: Person) -> None:
        self._at(person, f"{PASSWORD}\n")
        assert invoke(["login", self.url, "--email", person.email, "--password-stdin"]) == 0

    def __call__(self, person: Person, *arguments: str) -> Ended:
        self._at(person, "")
        self.capsys.readouterr()
        code = invoke(["invoices", *arguments, "--org", "acme"])
        said = self.capsys.readouterr()
        return Ended(int(code), said.out, said.err)

    def does(self, person: Person, *arguments: str) -> Any:
        ended = self(person, *arguments, "--json")
        assert ended.code == 0, ended.err + ended.out
        return json.loads(ended.out)

    def _at(self, person: Person, typed: str) -> None:
        self.monkeypatch.setenv("CYGNI_DATA_DIR", str(self.folder / person.email))
        self.monkeypatch.setattr("sys.stdin", io.StringIO(typed))


@pytest.fixture
def terminal(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    """The first invoice, of March 2026, is final."""
    books.bill(MARCH.end + DAY)
    server = Served(books.billing.url)
    server.start()
    try:
        monkeypatch.setenv("CI", "true")  # nobody can be asked
        monkeypatch.chdir(tmp_path)
        found = Terminal(books, f"http://127.0.0.1:{server.port}", tmp_path / "data", monkeypatch, capsys)
        found.sign_in(books.owner)
        found.sign_in(books.operator)
        yield found
    finally:
        server.stop()


class TestReading:
    def test_lists_and_shows_them(self, terminal: Terminal) -> None:
        owner = terminal.books.owner
        [draft, march] = terminal.does(owner, "list")["items"]
        assert (draft["state"], march["number"], march["total"]) == ("draft", "2026-000001", "26.78")
        shown = terminal(owner, "show", "2026-000001")
        assert shown.code == 0, shown.err
        assert "Invoice 2026-000001 (final), 2026-03-01 to 2026-04-01, in USD" in shown.err
        assert "Subtotal: 22.50\n" in shown.err
        assert "To be paid: 26.78 until 2026-05-02" in shown.err
        assert terminal.does(owner, "show", march["id"]) == terminal.does(owner, "show", "2026-000001")

    def test_lists_no_total_of_a_draft(self, terminal: Terminal) -> None:
        [_, draft, march, *_] = terminal(terminal.books.owner, "list").err.splitlines()
        assert (march.split()[-3:-1], "USD" in draft) == (["26.78", "USD"], False), draft

    def test_shows_the_days_of_who_is_billed(self, terminal: Terminal) -> None:
        with psycopg.connect(terminal.books.billing.url, autocommit=True) as owner:
            owner.execute("UPDATE subscriptions SET zone = 'Europe/Berlin'")
        draft, _ = terminal.does(terminal.books.owner, "list")["items"]
        told = terminal.does(terminal.books.owner, "show", draft["id"])["document"]
        assert (told["period"]["start"], told["zone"]) == ("2026-03-31T22:00:00Z", "Europe/Berlin")
        shown = terminal(terminal.books.owner, "show", draft["id"]).err
        assert "Draft of an invoice (draft), 2026-04-01 to 2026-05-01, in USD" in shown

    def test_writes_the_pdf(self, terminal: Terminal) -> None:
        owner = terminal.books.owner
        written = terminal(owner, "pdf", "2026-000001")
        assert (written.code, written.out) == (0, "")
        assert terminal.does(owner, "pdf", "2026-000001") == {"path": "invoice-2026-000001.pdf"}
        content = Path("invoice-2026-000001.pdf").read_bytes()
        assert "Total 26.78" in " ".join(PdfReader(BytesIO(content)).pages[0].extract_text().split())
        refused = terminal(owner, "pdf", "2026-000001", "--output", "no/such/folder.pdf")
        assert refused.code == 2

    def test_explains_a_line_down_to_its_events(self, terminal: Terminal) -> None:
        said = terminal(terminal.books.owner, "explain", "2026-000001", "builds").err
        assert "25 minute (sum), 0 included" in said
        assert "25 × 0.10 = 2.5" in said
        assert "2026-03-04T18:00:00Z" in said
        assert "GET /v1/organizations/acme/usage/events?meter=build_minutes" in said

    def test_of_one_that_is_not_there_says_so(self, terminal: Terminal) -> None:
        ended = terminal(terminal.books.owner, "show", "2026-000099")
        assert ended.code == 6
        assert "cx invoices list" in ended.err

    def test_shows_what_is_to_come(self, terminal: Terminal) -> None:
        terminal.books.bill(datetime.now(UTC))
        said = terminal(terminal.books.owner, "show", "upcoming").err
        assert "Draft of an invoice (draft)" in said
        explained = terminal(terminal.books.owner, "explain", "upcoming", "builds")
        assert (explained.code, "0 minute (sum), 0 included" in explained.err) == (0, True), explained.err


class TestOperators:
    def test_credit_and_mark_as_paid(self, terminal: Terminal) -> None:
        operator = terminal.books.operator
        note = terminal.does(operator, "credit", "2026-000001", "1.78", "--reason", "it was slow")
        assert note["number"].startswith("CN-")
        assert "Credit note CN-" in terminal(terminal.books.owner, "show", "2026-000001").err
        assert terminal(operator, "pay", "2026-000001").err == "Invoice 2026-000001 is paid.\n"
        assert terminal(operator, "pay", "2026-000001").code != 0

    def test_void_one_when_they_are_sure(self, terminal: Terminal) -> None:
        operator = terminal.books.operator
        assert terminal(operator, "void", "2026-000001", "--reason", "the wrong name").code == 2
        made = terminal.does(operator, "void", "2026-000001", "--reason", "the wrong name", "--yes")
        assert made["state"] == "void"

    def test_alone_do_so(self, terminal: Terminal) -> None:
        ended = terminal(terminal.books.owner, "pay", "2026-000001")
        assert ended.code == 3
        assert "operators" in ended.err
