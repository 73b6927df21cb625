"""What a server has for Stripe, where it is set up. It imports Stripe's SDK, so it is imported only then."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Final

import stripe

from cygni.errors import Unauthenticated
from platform_api.clock import Clock
from platform_api.database.transactions import Database
from platform_api.stripe.accounts import CustomerAccounts
from platform_api.stripe.gateway import Gateway
from platform_api.stripe.sdk_gateway import SdkGateway
from platform_api.stripe.settings import StripeSettings
from platform_api.stripe.told import is_recent

TOLERANCE: Final = timedelta(minutes=5)
SECONDS: Final = 8.0
"""For one request to Stripe, while somebody waits for the answer."""


class StripeSide:
    """`database` is that of requests; each is on behalf of one organisation."""

    def __init__(self, settings: StripeSettings, database: Database, clock: Clock) -> None:
        self._secrets = settings.webhook_secrets
        self._clock = clock
        self.gateway: Gateway = SdkGateway(settings, SECONDS)
        self.accounts = CustomerAccounts(database, clock, self.gateway)

    async def close(self) -> None:
        await self.gateway.close()

    def opened(self, body: bytes, signature: str) -> object:
        """The event in a request. Raises Unauthenticated where Stripe has not signed it, or not a moment ago."""
        if not any(_is_signed(body, signature, secret) for secret in self._secrets):
            raise Unauthenticated(
                "the request is not signed by Stripe",
                hint="The signing secret of the endpoint is CYGNI_SERVER_STRIPE_WEBHOOK_SECRET.",
            )
        # By our own clock, which the SDK does not ask. The signature is of this time too.
        at = next(part[2:] for part in signature.split(",") if part.startswith("t="))
        if not is_recent(datetime.fromtimestamp(int(at), UTC), self._clock.now(), TOLERANCE):
            raise Unauthenticated("the request was signed more than five minutes ago")
        try:
            return json.loads(body)
        except ValueError:
            return None


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret))
    except (
        stripe.SignatureVerificationError,
        UnicodeDecodeError,
        TypeError,
    ):  # the last of letters beyond ASCII
        return False
