"""Sending email through the operator's server, over TLS."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from cygni.errors import UsageError
from platform_api.notifications.texts import Text
from platform_api.outbox.sender import Attempt

SECONDS = 10.0
"""For each step of the conversation."""
_HINT = "It looks like smtps://USER:PASSWORD@smtp.example.com:465, or smtp://… for STARTTLS on port 587."


@dataclass(frozen=True, slots=True)
class MailServer:
    """`sender` is the address that mail comes from. Without `implicit_tls` the conversation turns to TLS by STARTTLS;
    only a server on this machine is spoken to in the clear."""

    host: str
    port: int
    sender: str
    implicit_tls: bool = True
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str, sender: str) -> MailServer:
        """Raises UsageError, which repeats nothing of the URL: it has a password in it."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise UsageError("CYGNI_SERVER_MAIL_URL is no URL of a mail server", hint=_HINT) from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
            raise UsageError("CYGNI_SERVER_MAIL_URL is no URL of a mail server", hint=_HINT)
        if "@" not in parseaddr(sender)[1]:
            raise UsageError(
                f"CYGNI_SERVER_MAIL_FROM is {sender!r}",
                hint="Give the address that mail comes from: Cygni <deploys@example.com>",
            )
        implicit = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=port or (465 if implicit else 587),
            sender=sender,
            implicit_tls=implicit,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    @property
    def is_on_this_machine(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def message(server: MailServer, to: Sequence[str], text: Text, name: str, now: datetime) -> EmailMessage:
    """`name` is the same for each attempt, so that mailboxes can tell what they have had."""
    made = EmailMessage()
    made["From"] = server.sender
    made["To"] = ", ".join(to)
    made["Subject"] = text.subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{name}@cygni>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text.body + "\n")
    return made


def send(server: MailServer, mail: EmailMessage) -> Attempt:
    """Never raises for what the mail server does. What it refuses for good (5xx) is not tried again."""
    try:
        with _conversation(server) as smtp:
            if server.user is not None:
                smtp.login(server.user, server.password or "")
            refused = smtp.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(error.recipients)
    except smtplib.SMTPAuthenticationError as error:
        return Attempt(
            error.smtp_code, taken=False, error="the mail server does not take the user and password"
        )
    except smtplib.SMTPResponseException as error:
        for_good = 500 <= error.smtp_code < 600
        return Attempt(error.smtp_code, taken=False, error=_said(error.smtp_error), over=for_good)
    except (OSError, smtplib.SMTPException) as error:
        return Attempt(None, taken=False, error=_said(getattr(error, "strerror", None) or str(error)))
    return Attempt(250, taken=True, error=f"refused for: {', '.join(sorted(refused))}" if refused else None)


def _conversation(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.implicit_tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        if not server.is_on_this_machine:
            smtp.starttls(context=context)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _refused(recipients: dict[str, tuple[int, bytes]]) -> Attempt:
    """By all of them: `recipients` has what was answered for each."""
    codes = [code for code, _ in recipients.values()]
    said = "; ".join(f"{address}: {_said(why)}" for address, (_, why) in sorted(recipients.items()))
    return Attempt(codes[0], taken=False, error=said, over=all(500 <= code < 600 for code in codes))


def _said(text: str | bytes) -> str:
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join("".join(one if one.isprintable() else " " for one in shown).split())[:500]
