"""Customers, and the pages on which they set up how they pay."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from tests.stripe_stand_in.account import Account, Problem, existing

INDEXED_AFTER = timedelta(minutes=1)
"""Until then searching does not find what was made."""


def create_customer(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    made = {
        "id": account.id("cus"), "object": "customer", "created": account.now, "livemode": False, "metadata": {},
        "invoice_settings": {"default_payment_method": None}, **params,
    }  # fmt: skip
    account.customers[made["id"]] = made
    account.tell("customer.created", made)
    return made


def read_customer(account: Account, params: dict[str, Any], id: str) -> dict[str, Any]:
    found = existing(account.customers, id)
    if found.get("deleted"):
        return {"id": id, "object": "customer", "deleted": True}
    shown = {**found, "invoice_settings": dict(found["invoice_settings"])}
    method = shown["invoice_settings"]["default_payment_method"]
    if method is not None and "invoice_settings.default_payment_method" in params.get("expand", []):
        shown["invoice_settings"]["default_payment_method"] = account.payment_methods[method]
    return shown


def update_customer(account: Account, params: dict[str, Any], id: str) -> dict[str, Any]:
    found = existing(account.customers, id)
    method = params["invoice_settings"]["default_payment_method"]
    if existing(account.payment_methods, method)["customer"] != id:
        raise Problem("The customer does not have this payment method.")
    found["invoice_settings"] = {"default_payment_method": method}
    account.tell("customer.updated", found)
    return found


def search_customers(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    asked = re.fullmatch(r"metadata\['([^']+)'\]:'([^']+)'", params["query"])
    assert asked is not None
    found = [
        one
        for one in account.customers.values()
        if not one.get("deleted")
        and one["metadata"].get(asked[1]) == asked[2]
        and one["created"] + INDEXED_AFTER.total_seconds() <= account.now
    ]
    return {"object": "search_result", "url": "/v1/customers/search", "data": found, "has_more": False}


def delete_customer(account: Account, id: str) -> None:
    """As somebody does on Stripe's pages."""
    existing(account.customers, id)["deleted"] = True
    account.tell("customer.deleted", account.customers[id])


def create_checkout(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    existing(account.customers, params["customer"])
    made = {
        "id": account.id("cs_test"), "object": "checkout.session", "status": "open", "created": account.now,
        "livemode": False, "setup_intent": None, **params,
    }  # fmt: skip
    made["url"] = f"https://checkout.stripe.com/c/pay/{made['id']}"
    account.sessions[made["id"]] = made
    return made


def read_checkout(account: Account, params: dict[str, Any], id: str) -> dict[str, Any]:
    return existing(account.sessions, id)


def finish_checkout(account: Account, id: str, last4: str = "4242") -> str:
    """As somebody does who enters a card on that page; the id of the payment method."""
    session = existing(account.sessions, id)
    method = account.id("pm")
    account.payment_methods[method] = {
        "id": method, "object": "payment_method", "type": "card", "customer": session["customer"],
        "card": {"brand": "visa", "last4": last4},
    }  # fmt: skip
    session["status"] = "complete"
    session["setup_intent"] = {"id": account.id("seti"), "object": "setup_intent", "payment_method": method}
    account.tell("payment_method.attached", account.payment_methods[method])
    account.tell("checkout.session.completed", session)
    return method


def detach(account: Account, method: str) -> None:
    """As somebody does on the portal. The event names no customer any more, as Stripe's does not."""
    gone = account.payment_methods[method]
    customer = account.customers[gone["customer"]]
    customer["invoice_settings"] = {"default_payment_method": None}
    gone["customer"] = None
    account.tell("payment_method.detached", gone)
    account.tell("customer.updated", customer)


def create_portal(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    existing(account.customers, params["customer"])
    id = account.id("bps")
    return {
        "id": id, "object": "billing_portal.session", "url": f"https://billing.stripe.com/p/session/{id}", **params,
    }  # fmt: skip
