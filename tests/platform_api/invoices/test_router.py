"""Invoices as owners read them, and what operators do to them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

from pypdf import PdfReader

from cygni.billing.invoices import digest
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.invoices.books import INVOICES, Books
from tests.platform_api.invoices.test_bill_run import APRIL, DAY, HOUR, MARCH, MAY, used
from tests.platform_api.people import Team


class TestReading:
    def test_shows_drafts_and_what_is_final(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        assert (march["state"], march["number"], march["total"]) == ("final", "2026-000001", "26.78")
        items = books.owner.get(INVOICES).json()["items"]
        assert [one["state"] for one in items] == ["draft", "final"]
        told = books.read(march["id"])
        assert told["amount_due"] == "26.78"
        assert [line["amount"] for line in told["document"]["lines"]] == ["20.00", "2.50"]

    def test_gives_the_document_that_the_digest_is_of(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        document = books.read(march["id"])["document"]
        [row] = books.billing.invoices()
        assert digest(row["document"]) == march["digest"]
        told = {**document, "issued": row["document"]["issued"], "due": row["document"]["due"]}
        assert told.keys() == row["document"].keys()
        assert told["total"] == row["document"]["total"]

    def test_goes_page_by_page(self, books: Books) -> None:
        books.bill(MAY.end + DAY)
        first = books.owner.get(f"{INVOICES}?limit=3").json()
        rest = books.owner.get(f"{INVOICES}?limit=3&cursor={first['next']}").json()
        found = [one["period_start"][:7] for one in first["items"] + rest["items"]]
        assert found == ["2026-06", "2026-05", "2026-04", "2026-03"]
        assert rest["next"] is None

    def test_of_the_upcoming_one_is_what_was_used_so_far(self, books: Books) -> None:
        books.bill(MARCH.end)
        books.billing.tell(books.acme, used("c", APRIL.start, 50))
        books.bill(MARCH.end + HOUR)
        told = books.owner.get(f"{INVOICES}/upcoming").json()
        assert (told["state"], told["number"], told["document"]["number"]) == ("draft", None, None)
        assert told["document"]["subtotal"] == "25.00", "what March is to cost is not on it"
        assert told["document"]["adjustments"] == []

    def test_of_no_subscription_is_nothing(self, control_plane: ControlPlane, team: Team) -> None:
        assert team.owner.get(INVOICES).json() == {"items": [], "next": None}
        assert team.owner.get(f"{INVOICES}/upcoming").status_code == 404

    def test_as_pdf_says_what_the_document_says(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        answers = [books.owner.get(f"{INVOICES}/{march['id']}/pdf") for _ in range(2)]
        assert answers[0].content == answers[1].content
        assert answers[0].headers["Content-Type"] == "application/pdf"
        assert "invoice-2026-000001.pdf" in answers[0].headers["Content-Disposition"]
        text = " ".join(PdfReader(BytesIO(answers[0].content)).pages[0].extract_text().split())
        document = books.read(march["id"])["document"]
        for line in document["lines"]:
            assert f"{line['name']} " in text
            assert line["amount"] in text
        assert (
            f"Subtotal {document['subtotal']} Tax, 19 % {document['tax']} Total {document['total']}" in text
        )

    def test_is_not_for_who_may_not_manage_billing(self, books: Books, team: Team) -> None:
        admin = team.invite("adam", "admin", by=books.owner)
        assert admin.get(INVOICES).status_code == 403
        key, _ = Team(team.client, books.owner).key(scopes=["usage:read"])
        assert key.get(INVOICES).status_code == 403


class TestAnExplanation:
    def test_leads_from_a_line_to_its_events(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        told = books.owner.get(f"{INVOICES}/{march['id']}/lines/builds").json()
        [line] = told["lines"]
        assert line["line"]["steps"] == [
            {"quantity": "25", "unit_price": "0.10", "fee": "0", "amount": "2.5"}
        ]
        assert (line["meter"]["aggregation"], line["quantity_now"]) == ("sum", "25")
        assert [(one["hour"], one["total"]) for one in line["hours"]] == [
            ("2026-03-01T01:00:00Z", "10"),
            ("2026-03-04T18:00:00Z", "15"),
        ]
        events = books.owner.get(line["events"]).json()["items"]
        assert [(one["id"], one["quantity"]) for one in events] == [("a", "10"), ("b", "15")]

    def test_shows_that_more_is_known_now(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        books.billing.tell(books.acme, used("c", MARCH.start, 5))
        _, april = books.bill(APRIL.end + DAY)
        [line] = books.owner.get(f"{INVOICES}/{march['id']}/lines/builds").json()["lines"]
        assert (line["line"]["quantity"], line["quantity_now"]) == ("25", "30")
        late = books.owner.get(f"{INVOICES}/{april['id']}/lines/builds").json()["adjustments"]
        assert [(one["period"]["start"][:7], one["amount"]) for one in late] == [("2026-03", "0.50")]

    def test_of_a_fee_has_no_events(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        [line] = books.owner.get(f"{INVOICES}/{march['id']}/lines/base").json()["lines"]
        assert (line["meter"], line["hours"], line["events"]) == (None, [], None)

    def test_of_another_charge_says_which_there_are(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        answer = books.owner.get(f"{INVOICES}/{march['id']}/lines/nothing")
        assert (answer.status_code, answer.json()["hint"]) == (404, "It has lines of base, builds.")


class TestOperators:
    def test_mark_invoices_as_paid_once(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        path = f"{INVOICES}/{march['id']}/payment"
        assert books.operator.post(path).json()["state"] == "paid"
        assert books.operator.post(path).json()["code"] == "wrong_state"
        assert books.read(march["id"])["amount_due"] == "0"
        books.bill(MARCH.end + 40 * DAY)
        assert books.read(march["id"])["state"] == "paid", "it is not overdue"

    def test_void_one_and_what_it_billed_is_on_the_next(self, books: Books) -> None:
        grant = books.billing.credit(books.acme, "10", MARCH.start)
        [march] = books.bill(MARCH.end + DAY)
        assert books.read(march["id"])["document"]["credits"] == [{"grant": str(grant), "amount": "10"}]
        voided = books.operator.post(f"{INVOICES}/{march['id']}/void", reason="the wrong name")
        assert voided.json()["state"] == "void"
        _, april = books.bill(APRIL.end + DAY)
        document = books.read(april["id"])["document"]
        late = [(one["key"], one["period"]["start"][:7], one["amount"]) for one in document["adjustments"]]
        assert late == [("base", "2026-03", "20.00"), ("builds", "2026-03", "2.50")]
        assert document["credits"] == [{"grant": str(grant), "amount": "10"}], "it is not used up"
        _, _, may = books.bill(MAY.end + DAY)
        assert books.read(may["id"])["document"]["adjustments"] == []

    def test_credit_some_of_one_and_then_the_rest(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        path = f"{INVOICES}/{march['id']}/credit-notes"
        first = books.operator.post(path, amount="6.78", reason="it was slow")
        assert (first.status_code, first.json()["number"]) == (201, "CN-2026-000001")
        assert books.read(march["id"])["amount_due"] == "20.00"
        for wrong in ("20.01", "1.001", "0", "-1"):
            assert books.operator.post(path, amount=wrong, reason="more").status_code == 422
        assert (
            books.operator.post(f"{INVOICES}/{march['id']}/void", reason="x").json()["code"] == "wrong_state"
        )
        second = books.operator.post(path, amount="20", reason="it was down")
        assert second.json()["number"] == "CN-2026-000002"
        told = books.read(march["id"])
        assert (told["state"], told["amount_due"], len(told["credit_notes"])) == ("paid", "0", 2)

    def test_credit_what_was_paid_and_the_grants_that_it_used_stay_used(self, books: Books) -> None:
        grant = books.billing.credit(books.acme, "10", MARCH.start)
        [march] = books.bill(MARCH.end + DAY)
        sums = books.read(march["id"])["document"]
        assert (sums["subtotal"], sums["tax"], sums["total"]) == ("22.50", "2.38", "14.88")
        assert sums["credits"] == [{"grant": str(grant), "amount": "10"}]
        books.operator.post(f"{INVOICES}/{march['id']}/payment")
        path = f"{INVOICES}/{march['id']}/credit-notes"
        assert books.operator.post(path, amount="22.50", reason="more than was paid").status_code == 422
        assert books.operator.post(path, amount="14.88", reason="it was down").status_code == 201
        told = books.read(march["id"])
        assert (told["state"], told["amount_due"], told["total"]) == ("paid", "0", "14.88")
        _, april = books.bill(APRIL.end + DAY)
        after = books.read(april["id"])["document"]
        assert (after["credits"], after["adjustments"], after["carried"]) == ([], [], "0")

    def test_do_nothing_to_a_draft(self, books: Books) -> None:
        books.bill(MARCH.start + DAY)
        [draft] = books.owner.get(INVOICES).json()["items"]
        for path, body in (
            ("payment", {}),
            ("void", {"reason": "x"}),
            ("credit-notes", {"amount": "1", "reason": "x"}),
        ):
            answer = books.operator.post(f"{INVOICES}/{draft['id']}/{path}", **body)
            assert answer.json()["code"] == "wrong_state", path

    def test_change_the_version_that_they_have_seen(self, books: Books) -> None:
        [march] = books.bill(MARCH.end + DAY)
        path = f"{INVOICES}/{march['id']}"
        stale = books.operator.ask("POST", f"{path}/payment", headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        seen = books.operator.get(path).headers["ETag"]
        assert books.operator.ask("POST", f"{path}/payment", headers={"If-Match": seen}).status_code == 200

    def test_leave_an_audit_line_each(self, books: Books) -> None:
        march, april = books.bill(APRIL.end + DAY)
        books.operator.post(f"{INVOICES}/{march['id']}/credit-notes", amount="1", reason="it was slow")
        books.operator.post(f"{INVOICES}/{march['id']}/payment")
        books.operator.post(f"{INVOICES}/{april['id']}/void", reason="the wrong name")
        entries = books.owner.get("/v1/organizations/acme/audit?limit=3").json()["items"]
        assert [one["action"] for one in entries] == ["invoice.void", "invoice.pay", "invoice.credit"]
        assert entries[0]["after"] == {"state": "void", "reason": "the wrong name"}
        assert entries[2]["after"]["amount"] == "1"

    def test_alone_do_so(self, books: Books, team: Team) -> None:
        [march] = books.bill(MARCH.end + DAY)
        key, _ = Team(team.client, books.owner).key(scopes=["billing:manage"])
        for person in (books.owner, key):
            answer = person.post(f"{INVOICES}/{march['id']}/payment")
            assert answer.status_code == 403
        assert key.get(f"{INVOICES}/{march['id']}").status_code == 200


class TestNotifications:
    def test_tell_people_of_an_invoice_once(self, books: Books) -> None:
        notifications = f"{INVOICES.removesuffix('/invoices')}/notifications"
        made = books.owner.post(notifications, kind="email", addresses=["ada@example.com"])
        assert made.status_code == 201, made.text
        [march] = books.bill(MARCH.end + DAY)
        books.bill(MARCH.end + DAY)
        told = books.billing.rows(b"SELECT occasion, data FROM notification_deliveries")
        assert [(one["occasion"], one["data"]["number"]) for one in told] == [
            ("invoice_finalized", march["number"])
        ]
        assert told[0]["data"]["total"] == "26.78"


class TestWebhooks:
    def test_are_told_of_each_step(self, books: Books) -> None:
        admin_of = f"{INVOICES.removesuffix('/invoices')}/webhooks"
        made = books.owner.post(admin_of, url="https://hooks.example.com/x", events=["invoice.*"])
        assert made.status_code == 201, made.text
        [march] = books.bill(MARCH.end + DAY)
        books.bill(MARCH.end + DAY + timedelta(days=30))
        books.operator.post(f"{INVOICES}/{march['id']}/payment")
        told = books.billing.rows(b"SELECT type, payload FROM webhook_deliveries ORDER BY id")
        of_march = [one for one in told if one["payload"]["data"]["invoice"] == march["id"]]
        assert [one["type"] for one in of_march] == ["invoice.finalized", "invoice.overdue", "invoice.paid"]
        assert of_march[0]["payload"]["data"]["total"] == "26.78"
        assert Decimal(of_march[0]["payload"]["data"]["total"]) == Decimal(march["total"])
