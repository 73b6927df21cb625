"""An organisation that is billed, as its owner and the server's operator see it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from tests.platform_api.invoices.billed import Billing
from tests.platform_api.people import Person

INVOICES = "/v1/organizations/acme/invoices"


@dataclass
class Books:
    """`acme` has used builds of 25 minutes in March; `owner` owns it, `operator` runs the server."""

    billing: Billing
    acme: uuid.UUID
    subscription: uuid.UUID
    operator: Person
    owner: Person

    def bill(self, until: Any) -> list[dict[str, Any]]:
        """The invoices that are final at that moment, the earliest first."""
        self.billing.at(until)
        self.billing.run()
        for person in (self.operator, self.owner):
            person.sign_in()
        items = self.owner.get(INVOICES).json()["items"]
        return [one for one in reversed(items) if one["number"]]

    def read(self, invoice: str) -> dict[str, Any]:
        answer = self.owner.get(f"{INVOICES}/{invoice}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())
