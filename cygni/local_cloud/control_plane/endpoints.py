"""What the server answers below /_cygni/ for the data plane, and for whoever looks for the address of a load
balancer or a database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import parse_qs

from cygni.local_cloud.control_plane import elbv2_reports, rds
from cygni.local_cloud.control_plane.feed import Feed
from cygni.local_cloud.data_plane import wire
from cygni.local_cloud.ecs import section as ecs
from cygni.local_cloud.task_runner.environment import METADATA


def answer(
    feed: Feed, lock: AbstractContextManager[Any], method: str, name: str, environ: Mapping[str, Any]
) -> tuple[str, bytes] | None:
    """Status line and JSON; None where there is no such endpoint. `lock` is moto's, held while it is looked at."""
    if (method, name) == ("GET", "data-plane"):
        return _poll(feed, lock, environ)
    if (method, name) == ("POST", "data-plane"):
        return _report(feed, lock, environ)
    if (method, name) == ("GET", "load-balancers"):
        with lock:
            found = {"load_balancers": elbv2_reports.addresses(feed.newest.elbv2)}
        return "200 OK", json.dumps(found).encode()
    if (method, name) == ("GET", "databases"):
        with lock:
            told_of = {"databases": rds.addresses()}
        return "200 OK", json.dumps(told_of).encode()
    if method == "GET" and name.startswith(METADATA):
        with lock:
            told = ecs.metadata(name.removeprefix(METADATA))
        return ("200 OK", json.dumps(told).encode()) if told is not None else None
    return None


def _poll(feed: Feed, lock: AbstractContextManager[Any], environ: Mapping[str, Any]) -> tuple[str, bytes]:
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    try:
        since = int(asked.get("since", ["0"])[0])
        seconds = min(float(asked.get("wait", ["0"])[0]), wire.MAX_WAIT_SECONDS)
    except ValueError:
        return _refuse("since and wait are numbers")
    found = feed.wait(since, seconds)
    if since <= 0:
        with lock:
            found = wire.Answer(found.instance_id, found.revision, found.snapshot, feed.reported())
    return "200 OK", wire.answer_to_json(found)


def _report(feed: Feed, lock: AbstractContextManager[Any], environ: Mapping[str, Any]) -> tuple[str, bytes]:
    try:
        instance_id, reports = wire.reports_from_json(environ["wsgi.input"].read())
    except ValueError as error:
        return _refuse(f"not a report: {error}")
    with lock:
        taken = feed.take(instance_id, reports)
    return "200 OK", json.dumps({"taken": taken}).encode()


def _refuse(why: str) -> tuple[str, bytes]:
    return "400 Bad Request", json.dumps({"error": why}).encode()
