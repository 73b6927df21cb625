"""The stand-in on a port of this machine, and what it tells by webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from platform_api.stripe.settings import StripeSettings
from tests.stripe_stand_in.account import KEY, WEBHOOK_SECRET, Account, Clock
from tests.stripe_stand_in.app import create_app


@dataclass(frozen=True)
class StripeStandIn:
    account: Account
    url: str

    @property
    def settings(self) -> StripeSettings:
        return StripeSettings(KEY, (WEBHOOK_SECRET,), self.url, usage=True)


@contextmanager
def stripe_stand_in(clock: Clock) -> Iterator[StripeStandIn]:
    account = Account(clock)
    config = uvicorn.Config(create_app(account), port=0, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield StripeStandIn(account, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(30)


def signed(event: dict[str, Any], at: int, secret: str = WEBHOOK_SECRET) -> tuple[bytes, str]:
    """The body of a webhook, and its `Stripe-Signature`."""
    body = json.dumps(event).encode()
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={mac}"
