"""`python -m platform_api.worker`: carries out deployments until it is told to end. Start as many as there is room for,
on any host that reaches the database."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from cygni.doctor.sources.names import DnsResolver
from cygni.errors import CygniError
from cygni.settings import Settings
from platform_api.budgets.measures import MeasureSweep
from platform_api.budgets.sweep import BudgetSweep
from platform_api.clock import SystemClock
from platform_api.database import embedded
from platform_api.database.roles import roles_of, url_as
from platform_api.database.transactions import Database
from platform_api.domains.certificates import AcmCertificates
from platform_api.domains.checks import DomainChecks
from platform_api.invoices.bill_run import BillRun
from platform_api.keys import ServerKey, server_key
from platform_api.logs import log_to_stderr
from platform_api.metering.clouds import WorkersClouds
from platform_api.metering.service import Metering
from platform_api.notifications.sender import NotificationSender, Ways
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import roots_of
from platform_api.settings import ServerSettings
from platform_api.stripe.settings import StripeSettings
from platform_api.stripe.work import StripeWork
from platform_api.webhooks.sender import Sender
from platform_api.worker.answering import Answering
from platform_api.worker.cx_runner import CxRunner
from platform_api.worker.service import Worker, WorkerParts, worker_name
from platform_api.worker.settings import WorkerSettings
from platform_api.worker.state_home import state_home
from platform_api.worker.timing import Timing


class Beside(Protocol):
    """Work beside the deployments."""

    async def run(self, stop: asyncio.Event) -> None: ...


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    log_to_stderr()
    try:
        server = ServerSettings.from_environment()
        if options.folder is not None:
            server = replace(server, folder=options.folder)
        settings = WorkerSettings.from_environment()
        key = server_key(server)
        ring = KeyRing(roots_of(server, key), SystemClock())
        home = state_home(server.folder / "worker", os.environ)
        url = server.database_url or embedded.start(server.folder)
    except CygniError as error:
        sys.stderr.write(f"error: {error.message}\n" + (f"hint:  {error.hint}\n" if error.hint else ""))
        return 1
    as_worker = url_as(url, roles_of(url).worker, key)
    asyncio.run(_work(server, settings, key, ring, as_worker, home, with_server=options.with_server))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m platform_api.worker")
    parser.add_argument("--folder", type=Path, help="where the server's key and its database are kept")
    parser.add_argument("--with-server", action="store_true", help="end when stdin ends")
    return parser.parse_args(arguments)


async def _work(
    server: ServerSettings,
    settings: WorkerSettings,
    key: ServerKey,
    ring: KeyRing,
    url: str,
    home: str | None,
    *,
    with_server: bool,
) -> None:
    database, timing = Database(url), Timing()
    runner = CxRunner(server.folder / "worker", os.environ, timing, key, local=settings.local)
    parts = WorkerParts(url, database, ring, key, runner, os.environ, timing, settings.at_a_time, home)
    worker = Worker(parts, worker_name())
    sender = Sender(database, key, SystemClock(), settings.webhooks)
    ways = Ways(settings.mail, server.slack_hosts, settings.webhooks)
    notifications = NotificationSender(database, SystemClock(), ring, ways)
    resolver = partial(DnsResolver, Settings.from_environment().resolver)
    budgets = BudgetSweep(database, SystemClock())
    measures = MeasureSweep(database, SystemClock(), server.payment_grace)
    domains = DomainChecks(database, SystemClock(), resolver, AcmCertificates())
    invoices = BillRun(database, SystemClock(), settings.due_after)
    answering = Answering(
        url,
        database,
        ring,
        server.folder / "worker",
        os.environ,
        worker_name(),
        key,
        local=settings.local,
        home=home,
    )
    metering = Metering(database, SystemClock(), WorkersClouds(server.folder / "worker", os.environ))
    beside: list[Beside] = [sender, notifications, domains, invoices, answering, metering]
    beside += [budgets, measures]
    if server.stripe is not None:
        beside.append(_stripe(database, server.stripe))
    ending = asyncio.Event()

    loop = asyncio.get_running_loop()

    def end() -> None:
        worker.end()
        ending.set()
        if with_server:
            # it is at its end for good, and would be read again and again
            loop.remove_reader(sys.stdin.fileno())

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    if with_server:
        loop.add_reader(sys.stdin.fileno(), end)  # the server has ended, however it did
    try:
        await asyncio.gather(worker.work(), *(one.run(ending) for one in beside))
    finally:
        await database.close()


def _stripe(database: Database, settings: StripeSettings) -> StripeWork:
    from platform_api.stripe.sdk_gateway import SdkGateway  # Stripe's SDK takes a second to import

    return StripeWork(database, SystemClock(), settings, SdkGateway(settings))


if __name__ == "__main__":
    sys.exit(main())
