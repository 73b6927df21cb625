from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from platform_api.keys import ServerKey
from platform_api.webhooks import signing

KEY = ServerKey(b"k" * 32)
WEBHOOK, DELIVERY = uuid.UUID(int=1), uuid.UUID(int=2)
BODY = b'{"type":"webhook.ping"}'


def test_of_a_published_example_is_the_published_one() -> None:
    """The example of the specification's own text."""
    secret = base64.b64decode("plJ3nmyCDGBKInavdOK15jsl")
    at = datetime.fromtimestamp(1731705121, UTC)
    body = b'{"event_type":"ping","data":{"success":true}}'
    found = signing.signature("msg_loFOjxBNrRLzqYUf", at, body, secret)
    assert found == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


def test_is_taken_by_the_library_that_receivers_use() -> None:
    secret = signing.secret(KEY, WEBHOOK, 1)
    signed = signing.headers(DELIVERY, datetime.now(UTC), BODY, [secret])
    assert Webhook(signing.shown(secret)).verify(BODY, signed) == {"type": "webhook.ping"}
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.shown(secret)).verify(BODY + b" ", signed)


def test_is_good_for_the_old_and_the_new_secret_while_one_is_replaced() -> None:
    old, new = (signing.secret(KEY, WEBHOOK, number) for number in (1, 2))
    assert old != new
    signed = signing.headers(DELIVERY, datetime.now(UTC), BODY, [new, old])
    for one in (old, new):
        assert Webhook(signing.shown(one)).verify(BODY, signed)


def test_differs_for_each_webhook_and_server() -> None:
    found = {
        signing.secret(key, webhook, 1)
        for key in (KEY, ServerKey(b"x" * 32))
        for webhook in (WEBHOOK, uuid.UUID(int=3))
    }
    assert len(found) == 4
