"""Settings of Stripe, from the environment. No deployment gets them: their names begin as those of the server do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cygni.errors import UsageError

API = "https://api.stripe.com"
_KEY = re.compile(r"(sk|rk)_[A-Za-z0-9_]{8,250}\Z")
_WEBHOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,250}\Z")
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_SWITCH = {"on": True, "off": False, "": False, None: False}


@dataclass(frozen=True, slots=True)
class StripeSettings:
    """`key` (`CYGNI_SERVER_STRIPE_KEY`, or a file: `CYGNI_SERVER_STRIPE_KEY_FILE`) is a secret or restricted key.
    `webhook_secrets` (`CYGNI_SERVER_STRIPE_WEBHOOK_SECRET`, or `..._FILE`; several with commas while one is replaced)
    sign what Stripe tells; without, nothing is taken from it. `api` (`CYGNI_SERVER_STRIPE_API`) is where Stripe is.
    `usage` (`CYGNI_SERVER_STRIPE_USAGE`, `on` or `off`) is whether usage goes to Stripe as meter events too."""

    key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    api: str = API
    usage: bool = False

    @classmethod
    def from_environment(cls, values: Mapping[str, str]) -> StripeSettings | None:
        """None where there is no key. Raises UsageError when a variable cannot be understood; it repeats no secret."""
        key = _secret(values, "CYGNI_SERVER_STRIPE_KEY")
        if key is None:
            return None
        if not _KEY.match(key):
            raise UsageError(
                "CYGNI_SERVER_STRIPE_KEY holds no secret key of Stripe",
                hint="It begins with sk_ or, better, with rk_: a restricted key. Those with pk_ are for browsers.",
            )
        usage = values.get("CYGNI_SERVER_STRIPE_USAGE")
        if usage not in _SWITCH:
            raise UsageError(f"CYGNI_SERVER_STRIPE_USAGE is {usage!r}", hint="Set it to on or off.")
        secrets = _webhook_secrets(_secret(values, "CYGNI_SERVER_STRIPE_WEBHOOK_SECRET"))
        return cls(key, secrets, _api(values.get("CYGNI_SERVER_STRIPE_API") or API), _SWITCH[usage])


def _secret(values: Mapping[str, str], name: str) -> str | None:
    """Of the environment, or of the file that it names."""
    text, file = values.get(name) or None, values.get(f"{name}_FILE") or None
    if text and file:
        raise UsageError(f"{name} and {name}_FILE are both set", hint="Set one of them.")
    if file is None:
        return text
    try:
        return Path(file).expanduser().read_text(encoding="latin-1").strip() or None
    except OSError as error:
        raise UsageError(f"{name}_FILE names {file}, which cannot be read: {error.strerror}") from error


def _webhook_secrets(text: str | None) -> tuple[str, ...]:
    found = tuple(one.strip() for one in (text or "").split(",") if one.strip())
    if not all(_WEBHOOK_SECRET.match(one) for one in found):
        raise UsageError(
            "CYGNI_SERVER_STRIPE_WEBHOOK_SECRET holds no signing secret of Stripe",
            hint="It begins with whsec_; Stripe shows it with the endpoint of the webhook.",
        )
    return found


def _api(url: str) -> str:
    """Nothing goes in the clear to another machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and parts.hostname in _THIS_MACHINE:
        return url.rstrip("/")
    raise UsageError(
        f"CYGNI_SERVER_STRIPE_API is {url!r}", hint="It is a URL with https://, or http:// of this machine."
    )
