"""Meters, their events, and what they sum up to."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.stripe_stand_in.account import IDENTIFIERS_KEPT, Account, Problem, existing, page

OLDEST, NEWEST = timedelta(days=35), timedelta(minutes=5)
_HOUR = 3600


def create_meter(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    taken = {one["event_name"] for one in account.meters.values()}
    if params["event_name"] in taken:
        raise Problem(f"An active meter already exists with event name {params['event_name']}.")
    made = {
        "id": account.id("mtr"), "object": "billing.meter", "status": "active", "created": account.now,
        "updated": account.now, "livemode": False, **params,
    }  # fmt: skip
    account.meters[made["id"]] = made
    return made


def list_meters(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    return page("/v1/billing/meters", list(account.meters.values()), params)


def create_meter_event(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    now = account.clock.now()
    at = datetime.fromtimestamp(int(params.get("timestamp", account.now)), UTC)
    if at < now - OLDEST:
        raise Problem("The timestamp is more than 35 days ago.", code="timestamp_too_far_in_past")
    if at > now + NEWEST:
        raise Problem("The timestamp is too far in the future.", code="timestamp_in_future")
    meters = [one for one in account.meters.values() if one["event_name"] == params["event_name"]]
    if not meters:
        raise Problem(f"No active meter found for event name {params['event_name']}", code="no_meter")
    [meter] = meters
    identifier = params["identifier"]
    seen = account.identifiers.get(identifier)
    if seen is not None and now - seen < IDENTIFIERS_KEPT:
        raise Problem(f"An event already exists with identifier {identifier}.")
    payload = params["payload"]
    value = payload[meter["value_settings"]["event_payload_key"]]
    if not re.fullmatch(r"-?[0-9]{1,15}", value):
        raise Problem("The value is no whole number of 15 digits.", code="meter_event_invalid_value")
    account.identifiers[identifier] = now
    made = {
        "object": "billing.meter_event", "created": account.now, "event_name": params["event_name"],
        "identifier": identifier, "livemode": False, "payload": payload, "timestamp": int(at.timestamp()),
    }  # fmt: skip
    account.meter_events.append(made)
    return made


def report_errors(account: Account, meter: str) -> None:
    """As Stripe does an hour later of events that it took and could not count: a thin event, without the object."""
    account.told.append(
        {
            "id": account.id("evt"), "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered",
            "created": account.clock.now().isoformat(), "livemode": False,
            "related_object": {"id": meter, "type": "billing.meter", "url": f"/v1/billing/meters/{meter}"},
        }
    )  # fmt: skip


def list_summaries(account: Account, params: dict[str, Any], meter: str) -> dict[str, Any]:
    found = existing(account.meters, meter)
    start, end = int(params["start_time"]), int(params["end_time"])
    if start % _HOUR or end % _HOUR or end <= start:
        raise Problem("start_time and end_time must align with hour boundaries.")
    assert params["value_grouping_window"] == "hour"
    customer = params["customer"]
    hours: dict[int, int] = {}
    for event in account.meter_events:
        key, mapping = event["timestamp"], event["payload"]
        mine = mapping[found["customer_mapping"]["event_payload_key"]] == customer
        counted = customer in account.customers and not account.customers[customer].get("deleted")
        if event["event_name"] == found["event_name"] and mine and counted and start <= key < end:
            hour = key - key % _HOUR
            hours[hour] = hours.get(hour, 0) + int(mapping[found["value_settings"]["event_payload_key"]])
    rows = [
        {
            "id": f"mtrusg_{meter}_{hour}", "object": "billing.meter_event_summary", "livemode": False, "meter": meter,
            "aggregated_value": value, "start_time": hour, "end_time": hour + _HOUR,
        }
        for hour, value in sorted(hours.items(), reverse=True)
    ]  # fmt: skip
    return page(f"/v1/billing/meters/{meter}/event_summaries", rows, params)
