"""The local cloud's load balancer against proxies of this machine, in front of the same service, in the same run."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.listening import free_port, listens, started, wait_for
from benchmarks.measuring import CommandFailed, Commands, Ratio, in_turn, ratio
from benchmarks.results import Row
from cygni.local_cloud import process
from cygni.settings import Settings

TIME_GOAL = 5.0
"""At least a fifth of the proxy's requests a second: at most five times its time for one."""
P99_GOAL = 3.0
ROUNDS = 3
SECONDS = 5
CONNECTIONS = 32

Say = Callable[[str], None]

_NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {server}
}}
"""
_SERVICE = 'server {{ listen 127.0.0.1:{port}; location / {{ return 200 "hello, world"; }} }}'
_PROXY = """
  upstream service {{ server 127.0.0.1:{service}; keepalive 128; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
"""
_HAPROXY = """
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend entrance
  bind 127.0.0.1:{port}
  default_backend service
backend service
  server one 127.0.0.1:{service}
"""


@dataclass(frozen=True)
class Load:
    """What one run of wrk has seen: `p99` in seconds; `failed` counts answers that were no success, and sockets that
    broke."""

    requests: int
    seconds: float
    p99: float
    failed: int


@dataclass(frozen=True)
class Entrance:
    """Something in front of the service: its address, and the processes whose time it costs."""

    url: str
    pids: tuple[int, ...]


def missing() -> str:
    """What this machine lacks to measure; empty when nothing."""
    lacking = [program for program in ("wrk", "nginx") if shutil.which(program) is None]
    return f"{' and '.join(lacking)} not on PATH" if lacking else ""


def measured(folder: Path, commands: Commands, say: Say) -> list[Row]:
    """Requests a second, the 99th percentile and processor time a request, with kept connections and without."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with ExitStack() as running:
        service = running.enter_context(_nginx(folder / "service", _SERVICE))
        ours = running.enter_context(_load_balancer(folder, service))
        peers = {"nginx": running.enter_context(_nginx(folder / "proxy", _PROXY, service=_port(service.url)))}
        if shutil.which("haproxy"):
            peers["haproxy"] = running.enter_context(_haproxy(folder, _port(service.url)))
        for name, peer in peers.items():
            for kept in (True, False):
                say(f"load balancer against {name}, connections {'kept' if kept else 'closed'}")
                rows += _against(name, ours, peer, commands, kept=kept)
    return rows


def _against(name: str, ours: Entrance, peer: Entrance, commands: Commands, *, kept: bool) -> list[Row]:
    loads: dict[str, list[Load]] = {"ours": [], "peer": []}
    costs: dict[str, list[float]] = {"ours": [], "peer": []}

    def run(who: str, entrance: Entrance) -> float:
        before = processor_seconds(entrance.pids)
        load = _load(commands, entrance.url, kept=kept)
        loads[who].append(load)
        costs[who].append((processor_seconds(entrance.pids) - before) / load.requests)
        return load.seconds / load.requests

    times = in_turn(ROUNDS, {"ours": lambda: run("ours", ours), "peer": lambda: run("peer", peer)})
    each = ratio(times["ours"], times["peer"])
    p99 = ratio([load.p99 for load in loads["ours"]], [load.p99 for load in loads["peer"]])
    cost = ratio(costs["ours"], costs["peer"])
    how = "kept" if kept else "closed"
    failed = sum(load.failed for load in loads["ours"])
    return [
        Row(
            f"balancer : {name}, requests/s, {how}",
            None,
            f"{1 / each.a:,.0f}",
            f"{1 / each.b:,.0f}",
            each,
            TIME_GOAL,
        ),
        Row(f"  p99, {how}", None, f"{p99.a * 1e3:.1f} ms", f"{p99.b * 1e3:.1f} ms", p99, P99_GOAL),
        _microseconds(f"  processor time a request, {how}", cost),
        Row(f"  failed, {how}", None, f"{failed}"),
    ]


def _microseconds(measure: str, found: Ratio) -> Row:
    return Row(measure, None, f"{found.a * 1e6:.0f} µs", f"{found.b * 1e6:.0f} µs", found)


def _load(commands: Commands, url: str, *, kept: bool) -> Load:
    closing = () if kept else ("-H", "Connection: close")
    connections = ("-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency")
    return parse(commands.output("wrk", *connections, *closing, url))


def parse(text: str) -> Load:
    """What wrk prints. Raises CommandFailed when it cannot be understood or nothing was answered."""
    total = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)\b", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", text)
    if total is None or p99 is None or int(total[1]) == 0:
        raise CommandFailed(f"wrk: answered nothing, or said what is not understood\n{text[-500:]}")
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    others = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    failed = sum(int(count) for count in errors.groups()) if errors else 0
    return Load(
        int(total[1]),
        float(total[2]) * _UNITS[total[3]],
        float(p99[1]) * _UNITS[p99[2]],
        failed + (int(others[1]) if others else 0),
    )


_UNITS: Mapping[str, float] = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


def processor_seconds(pids: tuple[int, ...]) -> float:
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(one.user + one.system for one in times)


@contextmanager
def _nginx(folder: Path, server: str, **values: int) -> Iterator[Entrance]:
    folder.mkdir()
    port = free_port()
    told = folder / "nginx.conf"
    told.write_text(_NGINX.format(folder=folder, server=server.format(port=port, **values)), encoding="utf-8")
    with started(["nginx", "-c", str(told)], port) as process:
        yield Entrance(f"http://127.0.0.1:{port}/", _pids(process))


@contextmanager
def _haproxy(folder: Path, service: int) -> Iterator[Entrance]:
    port = free_port()
    told = folder / "haproxy.cfg"
    told.write_text(_HAPROXY.format(port=port, service=service), encoding="utf-8")
    with started(["haproxy", "-db", "-f", str(told)], port) as process:
        yield Entrance(f"http://127.0.0.1:{port}/", _pids(process))


@contextmanager
def _load_balancer(folder: Path, service: Entrance) -> Iterator[Entrance]:
    """A load balancer of a local cloud, with the service as its one target."""
    settings = Settings(data_dir=folder / "data", cache_dir=folder / "cache")
    cloud = process.start(settings)
    try:
        address = _make(cloud.endpoint, _port(service.url))
        wait_for(lambda: listens(_port(f"http://{address}/")), "the load balancer")
        of_cloud = str(settings.data_dir)
        pids = [
            one.pid
            for one in psutil.process_iter(["name", "cmdline"])
            if one.info["name"] == "envoy" and of_cloud in " ".join(one.info["cmdline"] or ())
        ]
        yield Entrance(f"http://{address}/", tuple(pids))
    finally:
        process.stop(settings)


def _make(endpoint: str, target: int) -> str:
    """The address of a new load balancer in front of one port of this machine, once the target is healthy."""
    import boto3

    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
    elbv2: Any = boto3.client("elbv2", endpoint_url=endpoint, **keys)
    ec2: Any = boto3.client("ec2", endpoint_url=endpoint, **keys)
    subnets = ec2.describe_subnets()["Subnets"][:2]
    group = elbv2.create_target_group(
        Name="bench", Protocol="HTTP", Port=80, VpcId=subnets[0]["VpcId"], TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "Port": target}])
    balancer = elbv2.create_load_balancer(Name="bench", Subnets=[one["SubnetId"] for one in subnets])
    told = balancer["LoadBalancers"][0]
    forward = {"Type": "forward", "TargetGroupArn": group}
    elbv2.create_listener(
        LoadBalancerArn=told["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[forward]
    )

    def healthy() -> bool:
        [one] = elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return bool(one["TargetHealth"]["State"] == "healthy")

    wait_for(healthy, "the target")
    return str(told["DNSName"])


def _pids(server: psutil.Process) -> tuple[int, ...]:
    """Its own, and those of its workers."""
    return (server.pid, *(child.pid for child in server.children()))


def _port(url: str) -> int:
    return int(url.rstrip("/").rpartition(":")[2])
