"""Settings of the control plane, from the environment. Read once, where a server or a worker starts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from cygni.billing.budgets import PAYMENT_GRACE
from cygni.billing.entitlements import Limit
from cygni.control_plane.address import address
from cygni.errors import UsageError
from cygni.settings import Settings
from cygni.wording import one_of
from platform_api.edge.settings import EdgeSettings
from platform_api.stripe.settings import StripeSettings
from platform_api.webhooks.destinations import Allowed

HOST = "127.0.0.1"
PORT = 8420
SLACK_HOST = "hooks.slack.com"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where a control plane listens and keeps things.

    `folder` holds the key and, without `database_url`, the embedded PostgreSQL: below `CYGNI_DATA_DIR`.
    `database_url` (`CYGNI_DATABASE_URL`) is a PostgreSQL that this role may make tables and roles in.
    `key` (`CYGNI_SERVER_KEY`) is the server's key itself: 32 bytes, base64; `key_file` (`CYGNI_SERVER_KEY_FILE`) is a
    file that holds it. With neither, one is made in `folder`.
    `kms_key` (`CYGNI_SERVER_KMS_KEY`) is the key of AWS KMS that wraps the keys of secrets, by its id, ARN or alias;
    without, the server's key wraps them. `old_kms_keys` (`CYGNI_SERVER_OLD_KMS_KEYS`, with commas) wrapped them before.
    `host` and `port` (`CYGNI_SERVER_HOST`, `CYGNI_SERVER_PORT`) are where it listens.
    `url` (`CYGNI_SERVER_URL`) is how people and webhooks reach it; without, where it listens.
    `slack_hosts` (`CYGNI_SERVER_SLACK_HOSTS`, with commas) are where incoming webhooks of Slack may be.
    `webhook_networks` (`CYGNI_WEBHOOK_NETWORKS`) may be reached by webhooks besides the internet, as the worker has it.
    `worker` (`CYGNI_SERVER_WORKER`, `on` or `off`) is whether the server has a worker beside it.
    `default_limits` (`CYGNI_SERVER_LIMITS`, such as `projects=3,seats=5`) hold for organizations without a
    subscription.
    `payment_grace` (`CYGNI_PAYMENT_GRACE_DAYS`) is how long an invoice that is not paid refuses nothing.
    `stripe` is about the Stripe account that collects, where there is one.
    `edge` is about what requests pass before a route gets them.
    """

    folder: Path
    database_url: str | None = None
    key: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    kms_key: str | None = None
    old_kms_keys: tuple[str, ...] = ()
    host: str = HOST
    port: int = PORT
    url: str | None = None
    slack_hosts: frozenset[str] = frozenset({SLACK_HOST})
    webhook_networks: Allowed = field(default_factory=Allowed)
    worker: bool = True
    default_limits: Mapping[str, int] = field(default_factory=dict)
    payment_grace: timedelta = PAYMENT_GRACE
    edge: EdgeSettings = field(default_factory=EdgeSettings)
    stripe: StripeSettings | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> ServerSettings:
        """Raises UsageError when a variable cannot be understood."""
        values = os.environ if environ is None else environ
        key, key_file = _key(values)
        return cls(
            folder=Settings.from_environment(values).data_dir / "server",
            database_url=_database(values.get("CYGNI_DATABASE_URL")),
            key=key,
            key_file=key_file,
            kms_key=values.get("CYGNI_SERVER_KMS_KEY") or None,
            old_kms_keys=_several(values.get("CYGNI_SERVER_OLD_KMS_KEYS")),
            host=values.get("CYGNI_SERVER_HOST") or HOST,
            port=_port(values.get("CYGNI_SERVER_PORT")),
            url=_url(values.get("CYGNI_SERVER_URL")),
            slack_hosts=frozenset(_several(values.get("CYGNI_SERVER_SLACK_HOSTS")))
            or frozenset({SLACK_HOST}),
            webhook_networks=Allowed.parse(values.get("CYGNI_WEBHOOK_NETWORKS") or ""),
            worker=switch(values, "CYGNI_SERVER_WORKER", default=True),
            default_limits=_limits(values.get("CYGNI_SERVER_LIMITS")),
            payment_grace=_grace(values.get("CYGNI_PAYMENT_GRACE_DAYS")),
            edge=EdgeSettings.from_environment(values),
            stripe=StripeSettings.from_environment(values),
        )

    @property
    def public_url(self) -> str:
        return (self.url or f"http://{self.host}:{self.port}").rstrip("/")


def switch(values: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Raises UsageError."""
    value = values.get(name) or ("on" if default else "off")
    if value not in ("on", "off"):
        raise UsageError(f"{name} is {value!r}", hint="Set it to on or off.")
    return value == "on"


def _key(values: Mapping[str, str]) -> tuple[str | None, Path | None]:
    key, file = values.get("CYGNI_SERVER_KEY") or None, values.get("CYGNI_SERVER_KEY_FILE") or None
    if key and file:
        raise UsageError(
            "CYGNI_SERVER_KEY and CYGNI_SERVER_KEY_FILE are both set",
            hint="The server has one key: set one of them.",
        )
    return key, Path(file).expanduser().absolute() if file else None


def _several(value: str | None) -> tuple[str, ...]:
    return tuple(one.strip() for one in (value or "").split(",") if one.strip())


def _limits(value: str | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in _several(value):
        name, _, number = one.partition("=")
        least = 1 if name == Limit.REQUESTS_PER_MINUTE else 0
        if name not in set(Limit) or not number.isascii() or not number.isdigit() or int(number) < least:
            raise UsageError(
                f"CYGNI_SERVER_LIMITS has {one!r}, which is no limit",
                hint=f"It looks like projects=3,seats=5, of {one_of(Limit)}.",
            )
        found[name] = int(number)
    return found


def _grace(value: str | None) -> timedelta:
    if not value:
        return PAYMENT_GRACE
    if not value.isascii() or not value.isdigit() or len(value) > 3 or int(value) > 365:
        raise UsageError(f"CYGNI_PAYMENT_GRACE_DAYS is {value!r}", hint="Give a number of days, 0 to 365.")
    return timedelta(days=int(value))


def _database(value: str | None) -> str | None:
    """Raises UsageError also where a sign of the password would end it: what comes then is told as a host or a port."""
    value = (value or "").strip()
    if not value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in ("postgres", "postgresql") or not value.startswith(f"{parts.scheme}://"):
        raise UsageError(
            "CYGNI_DATABASE_URL is no URL of a PostgreSQL",
            hint="It looks like postgres://USER:PASSWORD@HOST:5432/DATABASE",
        )
    cut = parts.netloc.count("@") > 1 or "@" in parts.path + parts.query or parts.fragment
    if cut or re.search(r"%(?![0-9A-Fa-f]{2})", value):
        raise UsageError(
            "CYGNI_DATABASE_URL has signs in its password, or elsewhere, that are to be written otherwise",
            hint="Write % as %25, / as %2F, ? as %3F, # as %23 and @ as %40.",
        )
    return value


def _url(value: str | None) -> str | None:
    if not value:
        return None
    hint = "Give how people reach it, such as https://cygni.example.com"
    address(value, of="CYGNI_SERVER_URL", hint=hint)
    return value


def _port(value: str | None) -> int:
    if not value:
        return PORT
    if not value.isascii() or not value.isdigit() or not 0 <= int(value) <= 65535:
        raise UsageError(
            f"CYGNI_SERVER_PORT is {value!r}", hint="Give a port, 1 to 65535, or 0 for a free one."
        )
    return int(value)
