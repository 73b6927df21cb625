"""Checks one target once, as Elastic Load Balancing's health checker does."""

from __future__ import annotations

import asyncio
import contextlib
import ssl

from cygni.local_cloud.data_plane.snapshot import HealthCheck, Target, TargetGroup
from cygni.local_cloud.load_balancer.endpoints import is_here
from cygni.local_cloud.load_balancer.health import Outcome

AGENT = "ELB-HealthChecker/2.0"
_LINE_BYTES = 8192


async def probe(group: TargetGroup, target: Target) -> Outcome:
    """The outcome of one check. Targets on other machines are not asked: they time out. Targets that speak HTTP/2 pass
    when they accept a connection."""
    if not is_here(target.id):
        return Outcome(timed_out=True)
    check = group.health_check
    port = target.port if check.port == "traffic-port" else int(check.port)
    try:
        async with asyncio.timeout(check.timeout):
            return await _ask(group, target.id, port)
    except TimeoutError:
        return Outcome(timed_out=True)
    except (OSError, ssl.SSLError, ValueError, asyncio.IncompleteReadError):
        return Outcome()


async def _ask(group: TargetGroup, host: str, port: int) -> Outcome:
    check = group.health_check
    reader, writer = await asyncio.open_connection(
        host, port, ssl=_unverified() if check.protocol == "HTTPS" else None, limit=_LINE_BYTES
    )
    try:
        if group.protocol_version != "HTTP1":
            return Outcome(code=_first(check))
        request = f"GET {check.path} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {AGENT}\r\n"
        writer.write(f"{request}Connection: close\r\n\r\n".encode())
        await writer.drain()
        return Outcome(code=_code(await reader.readline()))
    finally:
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


def _code(line: bytes) -> int:
    """Of a status line. Raises ValueError when it is none."""
    version, _, rest = line.partition(b" ")
    if not version.startswith(b"HTTP/"):
        raise ValueError("not an answer in HTTP")
    return int(rest[:3])


def _first(check: HealthCheck) -> int:
    return int(check.codes.replace("-", ",").split(",")[0])


def _unverified() -> ssl.SSLContext:
    """A load balancer does not validate its targets' certificates."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
