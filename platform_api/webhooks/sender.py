"""Makes the deliveries of webhooks that are due."""

from __future__ import annotations

import json
from datetime import datetime

from platform_api.clock import Clock
from platform_api.database.transactions import Database
from platform_api.keys import ServerKey
from platform_api.outbox.sender import Attempt, OutboxSender
from platform_api.webhooks.destinations import Allowed, Resolve
from platform_api.webhooks.models import Webhook, WebhookDelivery
from platform_api.webhooks.posting import GONE, post
from platform_api.webhooks.signing import headers, secret


class Sender(OutboxSender[WebhookDelivery, Webhook]):
    """`allowed` is where requests may go besides the internet."""

    def __init__(
        self,
        database: Database,
        key: ServerKey,
        clock: Clock,
        allowed: Allowed,
        resolve: Resolve | None = None,
    ) -> None:
        super().__init__(database, clock, WebhookDelivery, Webhook, "webhook_id")
        self._server_key = key
        self._allowed = allowed
        self._resolve = resolve

    async def attempt(self, delivery: WebhookDelivery, recipient: Webhook) -> Attempt:
        now = self._clock.now()
        body = json.dumps(delivery.payload, separators=(",", ":")).encode()
        signed = headers(delivery.id, now, body, self._secrets(recipient, now))
        sent = {"Content-Type": "application/json", "User-Agent": "cygni-webhooks/1", **signed}
        posted = await self.in_thread(post, recipient.url, body, sent, self._allowed, self._resolve)
        gone = "its receiver answered 410: it is gone" if posted.status == GONE else None
        return Attempt(
            posted.status, posted.taken, posted.error, posted.retry_after, over=posted.forbidden, gone=gone
        )

    def _secrets(self, webhook: Webhook, now: datetime) -> list[bytes]:
        """The newest first."""
        found = [secret(self._server_key, webhook.id, webhook.generation)]
        if webhook.previous_until is not None and now < webhook.previous_until:
            found.append(secret(self._server_key, webhook.id, webhook.generation - 1))
        return found
