"""Incoming webhooks of Slack: where they may be, and one request to one."""

from __future__ import annotations

import json

from cygni.errors import UsageError
from platform_api.notifications.texts import Text, slack_message
from platform_api.outbox.sender import Attempt
from platform_api.settings import SLACK_HOST
from platform_api.webhooks.destinations import Allowed, Resolve, check_url
from platform_api.webhooks.posting import post

_NO_MORE = frozenset({404, 410})
"""By which Slack says that the webhook was removed, or that its channel is archived (docs.slack.dev, "Handling errors"
of incoming webhooks)."""


def check_slack_url(url: str, hosts: frozenset[str]) -> None:
    """Raises UsageError, which repeats nothing of the URL: whoever has it may write into the channel."""
    parts = check_url(url)
    if parts.hostname not in hosts or not parts.path.strip("/"):
        raise UsageError(
            "that is no address of an incoming webhook of Slack",
            hint=f"Slack gives it when the webhook is made: https://{SLACK_HOST}/services/…",
        )


def say(
    url: str, text: Text, hosts: frozenset[str], allowed: Allowed, resolve: Resolve | None = None
) -> Attempt:
    """Never raises for what Slack does."""
    try:
        check_slack_url(url, hosts)
    except UsageError as error:
        return Attempt(None, taken=False, error=f"not allowed: {error.message}", over=True)
    body = json.dumps(slack_message(text)).encode()
    posted = post(url, body, {"Content-Type": "application/json"}, allowed, resolve)
    gone = f"Slack answered {posted.status}: the webhook is no more" if posted.status in _NO_MORE else None
    return Attempt(
        posted.status, posted.taken, posted.error, posted.retry_after, over=posted.forbidden, gone=gone
    )
