"""Invoices that were made elsewhere, and are collected here."""

from __future__ import annotations

from typing import Any

from tests.stripe_stand_in.account import Account, Problem, existing, page


def create_invoice(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    existing(account.customers, params["customer"])
    if params["collection_method"] == "send_invoice" and "days_until_due" not in params:
        raise Problem("You must pass days_until_due or due_date.")
    made = {
        "id": account.id("in"), "object": "invoice", "status": "draft", "total": 0, "attempted": False,
        "created": account.now, "livemode": False, "metadata": {}, **params,
    }  # fmt: skip
    account.invoices[made["id"]] = made
    return made


def create_item(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    invoice = existing(account.invoices, params["invoice"])
    if invoice["status"] != "draft":
        raise Problem("Items are added to drafts alone.", code="invoice_not_editable")
    if invoice["customer"] != params["customer"] or invoice["currency"] != params["currency"]:
        raise Problem("The invoice is another customer's, or in another currency.")
    amount = int(params["amount"])
    made = {"id": account.id("ii"), "object": "invoiceitem", "metadata": {}, **params, "amount": amount}
    account.items[made["id"]] = made
    invoice["total"] += amount
    return made


def list_items(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    found = [one for one in account.items.values() if one["invoice"] == params["invoice"]]
    return page("/v1/invoiceitems", found, params)


def list_invoices(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    found = [one for one in account.invoices.values() if one["customer"] == params["customer"]]
    return page("/v1/invoices", found[::-1], params)


def read_invoice(account: Account, params: dict[str, Any], id: str) -> dict[str, Any]:
    """Its payments are told to who asks for them."""
    found = existing(account.invoices, id)
    asked = "payments.data.payment.payment_intent" in params.get("expand", [])
    return found if asked else {name: value for name, value in found.items() if name != "payments"}


def finalize_invoice(account: Account, params: dict[str, Any], id: str) -> dict[str, Any]:
    found = existing(account.invoices, id)
    if found["status"] != "draft":
        raise Problem("This invoice is already finalized.", code="invoice_not_editable")
    found["status"] = "open" if found["total"] > 0 else "paid"
    account.tell("invoice.finalized", found)
    return found


def void_invoice(account: Account, params: dict[str, Any], id: str) -> dict[str, Any]:
    found = existing(account.invoices, id)
    if found["status"] not in {"open", "uncollectible"}:
        raise Problem("Only open invoices can be voided.", code="invoice_not_open")
    found["status"] = "void"
    account.tell("invoice.voided", found)
    return found


def pay_invoice(account: Account, params: dict[str, Any], id: str) -> dict[str, Any]:
    found = existing(account.invoices, id)
    if found["status"] != "open":
        raise Problem("Only open invoices can be paid.", code="invoice_not_open")
    assert params == {"paid_out_of_band": "true"}
    found["status"] = "paid"
    account.tell("invoice.paid", found)
    return found


def create_credit_note(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    """It lowers what is still to be paid; of what was paid it says that it went back elsewhere."""
    invoice = existing(account.invoices, params["invoice"])
    amount, elsewhere = int(params["amount"]), int(params.get("out_of_band_amount", 0))
    if invoice["status"] not in {"open", "paid"}:
        raise Problem("Credit notes are for invoices that are finalized.")
    if elsewhere != (amount if invoice["status"] == "paid" else 0):
        raise Problem("What was paid goes somewhere, and nothing else does.")
    if amount > invoice["total"] - credited(account, invoice["id"]):
        raise Problem("The sum of credit notes is more than the invoice.")
    made = {"id": account.id("cn"), "object": "credit_note", "metadata": {}, **params, "amount": amount}
    account.credit_notes[made["id"]] = made
    if invoice["status"] == "open" and credited(account, invoice["id"]) == invoice["total"]:
        invoice["status"] = "paid"
        account.tell("invoice.paid", invoice)
    return made


def list_credit_notes(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    found = [one for one in account.credit_notes.values() if one["invoice"] == params["invoice"]]
    return page("/v1/credit_notes", found[::-1], params)


def credited(account: Account, invoice: str) -> int:
    return sum(one["amount"] for one in account.credit_notes.values() if one["invoice"] == invoice)


def collect(account: Account, id: str, *, paid: bool) -> None:
    """As Stripe tries to, some time after an invoice was finalized."""
    found = existing(account.invoices, id)
    assert found["status"] == "open"
    found["attempted"] = True
    found["status"] = "paid" if paid else "open"
    _pay_by_intent(found, "succeeded" if paid else "requires_payment_method")
    account.tell("invoice.paid" if paid else "invoice.payment_failed", found)


def debit(account: Account, id: str) -> None:
    """Asks the customer's bank, whose answer takes days; `collect` gives it."""
    found = existing(account.invoices, id)
    assert found["status"] == "open"
    found["attempted"] = True
    _pay_by_intent(found, "processing")


def _pay_by_intent(invoice: dict[str, Any], status: str) -> None:
    intent = {"id": f"pi_{invoice['id']}", "object": "payment_intent", "status": status}
    made = (
        {"type": "payment_record", "payment_record": "pr_1"},  # of a part that was paid outside of Stripe
        {"type": "payment_intent", "payment_intent": intent},
    )
    payments = [
        {"id": f"inpay_{number}", "object": "invoice_payment", "payment": one}
        for number, one in enumerate(made)
    ]
    url = "/v1/invoice_payments"
    invoice["payments"] = {"object": "list", "data": payments, "has_more": False, "url": url}
