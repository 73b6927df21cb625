"""An environment on an AWS of this machine where everything is as it should be, and somebody who types what `cx doctor`
says."""

from __future__ import annotations

import json
import os
import shlex
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cygni.doctor.checks.project import Planned
from cygni.resources import Resource
from tests.aws_line import run_aws_line
from tests.cli.conftest import Cx
from tests.dns_server import Names
from tests.e2e.cloud_gate import CloudGate

ACCOUNT = "123456789012"
DOMAIN = "shop.test"
WHOLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass
class World:
    """`cx` in a project's folder (`cx.folder`), the cloud behind `gate`, the `names` of the internet, and a registry.

    `typed` stands in for programs that this machine may not have or that change it: by the first words of a line.
    """

    cx: Cx
    gate: CloudGate
    names: Names
    registry: Registry
    monkeypatch: pytest.MonkeyPatch
    tmp: Path
    plan: Planned = field(default_factory=Planned)
    zone: str = ""
    servers: list[str] = field(default_factory=list)
    typed: dict[str, Callable[[str], None]] = field(default_factory=dict)
    replacing: dict[str, str] = field(default_factory=dict)
    running: ExitStack = field(default_factory=ExitStack)
    serve: Callable[[Signed], None] = lambda one: None

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of somebody who may do everything."""
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        where = f"http://127.0.0.1:{self.gate.port}"
        return boto3.client(service, region_name=region or "us-east-1", endpoint_url=where, **keys)

    def examine(self, *checks: str, env: str = "staging") -> dict[str, dict[str, Any]]:
        """What `cx doctor` says, by check."""
        ended = self.cx("doctor", "-e", env, "--json", *checks)
        assert ended.code in (0, 15), ended.out
        return {one["id"]: one for one in ended.answer["checks"]}

    def type(self, fix: str) -> None:
        """Does every line of a fix, as a person would: commands in a shell, sentences by hand."""
        for line in fix.splitlines():
            for placeholder, value in self.replacing.items():
                line = line.replace(placeholder, value)  # noqa: PLW2901
            self._do(line)

    def _do(self, line: str) -> None:
        own = next((act for start, act in self.typed.items() if line.startswith(start)), None)
        if own is not None:
            own(line)
            return
        program, *words = shlex.split(line)
        if program == "aws":
            run_aws_line(line, self.client)
        elif program == "cx":
            self.cx.answers("y\n")
            ended = self.cx(*words)
            assert ended.code == 0, ended.err
        elif program == "unset":
            for name in words:
                self.monkeypatch.delenv(name, raising=False)
        elif program == "export":
            name, _, value = line.removeprefix("export ").partition("=")
            self.monkeypatch.setenv(name, value)
        elif program in ("chmod", "mkdir", "rm"):
            assert str(self.tmp) in line
            subprocess.run([program, *words], check=True)
        else:
            raise AssertionError(f"nobody knows how to do: {line}")

    def use_keys_of(self, user: str) -> None:
        """The caller is this user of IAM."""
        key = self.client("iam").create_access_key(UserName=user)["AccessKey"]
        self.monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        self.monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

    def allow(self, document: Any, user: str = "deployer") -> None:
        """The only policy of a user."""
        self.client("iam").put_user_policy(
            UserName=user, PolicyName="everything", PolicyDocument=json.dumps(document)
        )

    def deploy(self) -> None:
        ended = self.cx("deploy", "-e", "staging", "--yes")
        assert ended.code == 0, ended.err

    def own(self, record: dict[str, Any], action: str = "UPSERT") -> None:
        """Changes a record of the zone."""
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        self.client("route53").change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch=batch)

    def publish(self) -> None:
        """The internet says what the zone says."""
        sets = self.client("route53").list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        for one in sets:
            if one["Type"] not in ("NS", "SOA"):
                values = [value["Value"] for value in one.get("ResourceRecords", ())]
                self.names.records[one["Name"].rstrip("."), one["Type"]] = values


def prepare(world: World) -> None:
    """An account with a user who may do everything, a zone that the internet knows, and the roles of services."""
    iam = world.client("iam")
    iam.create_user(UserName="deployer")
    world.allow(WHOLE)
    world.use_keys_of("deployer")
    made = world.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="test")
    world.zone = made["HostedZone"]["Id"].rpartition("/")[2]
    world.servers = made["DelegationSet"]["NameServers"]
    world.names.records.clear()
    world.names.handed.clear()
    world.names.handed |= {"test": ["a.root.test"], DOMAIN: list(world.servers)}
    world.names.records["a.root.test", "A"] = ["127.0.0.1"]
    world.own({"Name": DOMAIN, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "127.0.0.1"}]})
    world.publish()


def resource(token: str, name: str = "one", **inputs: Any) -> Resource:
    return Resource(f"urn:pulumi:s::cygni::{token}::{name}", token, name, inputs, "us-east-1")


def plan_of(*resources: Resource) -> Planned:
    """A plan that makes these."""
    kept = frozenset(one.type for one in resources)
    return Planned(resources, resources, kept, changes=len(resources))


class Registry:
    """A registry that lets in whoever knows the password."""

    def __init__(self) -> None:
        self.password = "right"
        handler = type("Handler", (_RegistryHandler,), {"registry": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _RegistryHandler(BaseHTTPRequestHandler):
    registry: Registry

    def do_GET(self) -> None:
        import base64

        right = base64.b64encode(f"me:{self.registry.password}".encode()).decode()
        known = self.headers.get("Authorization") == f"Basic {right}"
        self.send_response(200 if known else 401)
        if not known:
            self.send_header("WWW-Authenticate", 'Basic realm="registry"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass(frozen=True)
class Signed:
    """A key and a certificate in PEM, for `DOMAIN` and this machine's address."""

    key: bytes
    certificate: bytes


def signed(days: float, *, host: str = DOMAIN) -> Signed:
    """Signed by itself, ending in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signed(private, made.public_bytes(serialization.Encoding.PEM))


@contextmanager
def https_server(folder: Path, shown: Signed) -> Iterator[tuple[int, Callable[[Signed], None]]]:
    """Serves HTTPS with a certificate: its port, and what gives it another."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def use(one: Signed) -> None:
        file = folder / "served.pem"
        file.write_bytes(one.key + one.certificate)
        context.load_cert_chain(file)

    use(shown)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]  # of refused handshakes
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1]), use
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def executable(path: Path, text: str) -> Path:
    """A program of one line of shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def on_path(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
