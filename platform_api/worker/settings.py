"""Settings of a worker, from the environment; those of the server it has besides."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from cygni.errors import UsageError
from platform_api.invoices.steps import DUE_AFTER
from platform_api.notifications.mail import MailServer
from platform_api.settings import switch
from platform_api.webhooks.destinations import Allowed


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """`at_a_time` (`CYGNI_WORKER_DEPLOYMENTS`) is how many deployments it carries out at a time; plan for a gigabyte of
    memory each. `local` (`CYGNI_WORKER_LOCAL`, `on` or `off`) lets people deploy to the local cloud of this machine,
    which runs what they send. `webhooks` (`CYGNI_WEBHOOK_NETWORKS`) names networks that webhooks may reach besides the
    internet. `mail` (`CYGNI_SERVER_MAIL_URL`, `CYGNI_SERVER_MAIL_FROM`) is the mail server that notifications go
    through. `due_after` (`CYGNI_INVOICE_DAYS`) is in how many days invoices are to be paid.
    """

    at_a_time: int = 1
    local: bool = False
    webhooks: Allowed = field(default_factory=Allowed)
    mail: MailServer | None = None
    due_after: timedelta = DUE_AFTER

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> WorkerSettings:
        """Raises UsageError when a variable cannot be understood."""
        values = os.environ if environ is None else environ
        return cls(
            at_a_time=_count(values.get("CYGNI_WORKER_DEPLOYMENTS")),
            local=switch(values, "CYGNI_WORKER_LOCAL", default=False),
            mail=_mail(values),
            webhooks=Allowed.parse(values.get("CYGNI_WEBHOOK_NETWORKS") or ""),
            due_after=_days(values.get("CYGNI_INVOICE_DAYS")),
        )


def _mail(values: Mapping[str, str]) -> MailServer | None:
    url = values.get("CYGNI_SERVER_MAIL_URL")
    return MailServer.parse(url, values.get("CYGNI_SERVER_MAIL_FROM") or "") if url else None


def _count(value: str | None) -> int:
    if not value:
        return 1
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 100:
        raise UsageError(f"CYGNI_WORKER_DEPLOYMENTS is {value!r}", hint="Give a number, 1 to 100.")
    return int(value)


def _days(value: str | None) -> timedelta:
    if not value:
        return DUE_AFTER
    if not value.isascii() or not value.isdigit() or not 0 <= int(value) <= 365:
        raise UsageError(f"CYGNI_INVOICE_DAYS is {value!r}", hint="Give a number of days, 0 to 365.")
    return timedelta(days=int(value))
