from __future__ import annotations

import base64
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cygni.errors import AuthError, NotFound, Unreachable, UsageError
from cygni.targets.kubernetes.api import ClusterApi
from cygni.targets.kubernetes.credentials import ProgramToken
from cygni.targets.kubernetes.kubeconfig import ClusterAccess, cluster_access
from tests.kubernetes_server import CORE, TOKEN, Cluster, serving


def config(name: str = "town", **more: Any) -> dict[str, Any]:
    """A kubeconfig with one cluster, user and context of that name."""
    user, cluster = (
        more.pop("user", {"token": TOKEN}),
        more.pop("cluster", {"server": "https://10.0.0.1:6443/"}),
    )
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, **more}}],
    }


def access(tmp_path: Path, *configs: dict[str, Any], context: str | None = None) -> ClusterAccess:
    paths = [tmp_path / f"config-{number}" for number in range(len(configs))]
    for path, one in zip(paths, configs, strict=True):
        path.write_text(yaml.safe_dump(one))
    return cluster_access({"KUBECONFIG": ":".join(map(str, paths))}, context)


def program(tmp_path: Path, script: str) -> Path:
    path = tmp_path / "gives-token"
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)
    return path


class TestClusterAccess:
    def test_is_of_the_current_context_or_the_one_that_is_named(self, tmp_path: Path) -> None:
        village = config("village", namespace="builds", cluster={"server": "http://village"})
        assert access(tmp_path, config(), village).name == "town"
        named = access(tmp_path, config(), village, context="village")
        assert (named.server, named.namespace, named.tls) == ("http://village", "builds", None)
        here = access(tmp_path, config())
        assert (here.server, here.namespace, here.token()) == ("https://10.0.0.1:6443", "default", TOKEN)

    def test_takes_tokens_of_files_beside_the_kubeconfig(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("of the file\n")
        assert access(tmp_path, config(user={"tokenFile": "token"})).token() == "of the file"

    def test_is_that_of_the_pod_where_there_is_no_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        for name, text in {"token": "of the pod", "namespace": "ci"}.items():
            (tmp_path / name).write_text(text)
        authority, _ = certificate(tmp_path)
        (tmp_path / "ca.crt").write_bytes(authority)
        environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
        found = cluster_access(environ, pod=tmp_path)
        assert (found.server, found.namespace, found.token()) == ("https://10.0.0.1:443", "ci", "of the pod")
        with pytest.raises(UsageError, match="there is no kubeconfig"):
            cluster_access({}, pod=tmp_path)

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            (config(cluster={"server": "10.0.0.1"}), "is no address"),
            (config(cluster={"server": "https://a", "certificate-authority": "none"}), "cannot be read"),
            (config(cluster={"server": "https://a", "certificate-authority-data": "!"}), "cannot be read"),
            (
                config(cluster={"server": "https://a", "proxy-url": "http://b"}),
                "proxy-url .* is not supported",
            ),
            (config(user={"auth-provider": {"name": "gcp"}}), "auth-provider .* is not supported"),
            ({**config(), "current-context": ""}, "no current context"),
            ({**config(), "clusters": []}, "has no cluster town"),
        ],
    )
    def test_that_cannot_be_reached_so_is_refused(
        self, tmp_path: Path, written: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(UsageError, match=said):
            access(tmp_path, written)


class TestProgramToken:
    def test_is_asked_for_again_when_it_expires(self, tmp_path: Path) -> None:
        until = "2026-11-22T10:15:00Z"
        count = tmp_path / "count"
        script = f"""echo x >> {count}
echo '{{"status": {{"token": "'$(wc -l < {count} | tr -d ' ')$A'", "expirationTimestamp": "{until}"}}}}'"""
        now = [datetime(2026, 11, 22, 10, tzinfo=UTC)]
        token = ProgramToken([str(program(tmp_path, script))], {"A": "a"}, now=lambda: now[0])
        assert [token(), token()] == ["1a", "1a"]
        now[0] += timedelta(minutes=14, seconds=30)
        assert token() == "2a"

    def test_is_given_by_the_program_of_the_kubeconfig(self, tmp_path: Path) -> None:
        program(tmp_path, """echo '{"status": {"token": "'$1'"}}'""")
        told = {"command": "./gives-token", "args": ["hello"], "apiVersion": "v1", "env": None}
        assert access(tmp_path, config(user={"exec": told})).token() == "hello"

    @pytest.mark.parametrize(
        ("script", "said"),
        [
            ("echo 'sign in first' >&2; exit 3\n", "ended with 3: sign in first"),
            ("echo hello\n", "answered with no ExecCredential"),
            ("echo '{\"status\": {}}'\n", "gave no token"),
        ],
    )
    def test_that_is_not_given_is_said(self, tmp_path: Path, script: str, said: str) -> None:
        with pytest.raises(AuthError, match=said):
            ProgramToken([str(program(tmp_path, script))])()
        with pytest.raises(AuthError, match="does not answer"):
            ProgramToken([str(tmp_path / "nothing")])()


def certificate(folder: Path) -> tuple[bytes, Path]:
    """A certificate of 127.0.0.1 by itself, and the file with it and its key."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "town")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "server.pem"
    path.write_bytes(pem + private)
    path.chmod(stat.S_IRUSR)
    return pem, path


class TestClusterApi:
    def test_trusts_the_authority_of_the_kubeconfig_alone(self, tmp_path: Path) -> None:
        authority, pem = certificate(tmp_path)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem)
        with serving(Cluster(pods=[None], name="a"), tls) as cluster:
            data = base64.b64encode(authority).decode()
            known = config(cluster={"server": cluster.server, "certificate-authority-data": data})
            pods = ClusterApi(access(tmp_path, known)).get(f"{CORE}/pods", {"labelSelector": "job-name=a"})
            assert pods["items"] == []
            stranger = config(cluster={"server": cluster.server})
            with pytest.raises(Unreachable, match="certificate verify failed"):
                ClusterApi(access(tmp_path, stranger)).get(f"{CORE}/pods")

    def test_tells_what_the_cluster_refuses(self, tmp_path: Path) -> None:
        with serving(Cluster(refusals={("GET", CORE): 404})) as cluster:
            here = {"server": cluster.server}
            with pytest.raises(NotFound, match="the cluster town answered 404: not for you"):
                ClusterApi(access(tmp_path, config(cluster=here))).get(CORE)
            with pytest.raises(AuthError, match="answered 401: Unauthorized"):
                ClusterApi(access(tmp_path, config(cluster=here, user={"token": "other"}))).get(CORE)
        with pytest.raises(Unreachable, match="does not answer"):
            ClusterApi(access(tmp_path, config(cluster=here))).get(CORE)
