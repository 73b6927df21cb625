"""Makes the deliveries of notifications that are due."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from cygni.errors import CygniError
from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.notifications.mail import MailServer, message, send
from platform_api.notifications.models import EMAIL, Notification, NotificationDelivery, NotificationUrl
from platform_api.notifications.slack import say
from platform_api.notifications.texts import Text, text_of
from platform_api.outbox.sender import ATTEMPT_SECONDS, Attempt, OutboxSender
from platform_api.secrets.encryption import decrypt
from platform_api.secrets.key_ring import KeyRing
from platform_api.settings import SLACK_HOST
from platform_api.webhooks.destinations import Allowed


@dataclass(frozen=True, slots=True)
class Ways:
    """By what notifications go: a mail server, or none; the hosts that have incoming webhooks of Slack, and the
    networks that those may be in besides the internet."""

    mail: MailServer | None = None
    slack_hosts: frozenset[str] = frozenset({SLACK_HOST})
    allowed: Allowed = field(default_factory=Allowed)


class NotificationSender(OutboxSender[NotificationDelivery, Notification]):
    def __init__(self, database: Database, clock: Clock, ring: KeyRing, ways: Ways) -> None:
        super().__init__(database, clock, NotificationDelivery, Notification, "notification_id")
        self._ring = ring
        self._ways = ways

    async def attempt(self, delivery: NotificationDelivery, recipient: Notification) -> Attempt:
        text = text_of(delivery.occasion, delivery.data)
        by_mail = recipient.kind == EMAIL
        making = self._mail(delivery, recipient, text) if by_mail else self._say(recipient, text)
        try:
            return await asyncio.wait_for(making, ATTEMPT_SECONDS + 5)
        except TimeoutError:
            return Attempt(None, taken=False, error="it took too long")
        except CygniError as error:
            return Attempt(None, taken=False, error=error.message)

    async def _mail(self, delivery: NotificationDelivery, recipient: Notification, text: Text) -> Attempt:
        if self._ways.mail is None:
            return Attempt(
                None, taken=False, error="no mail server is set: CYGNI_SERVER_MAIL_URL of the worker"
            )
        mail = message(self._ways.mail, recipient.addresses, text, delivery.id.hex, delivery.created_at)
        return await self.in_thread(send, self._ways.mail, mail)

    async def _say(self, recipient: Notification, text: Text) -> Attempt:
        async with self._database.transaction(Scope()) as session:
            sealed = await session.get_one(NotificationUrl, recipient.id)
            key = await self._ring.key(session, sealed.key_encryption_key_id)
            url = decrypt(key, sealed, sealed.place)
        ways = self._ways
        return await self.in_thread(say, url, text, ways.slack_hosts, ways.allowed)
