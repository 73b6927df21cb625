"""Which cluster is meant, and who asks: by kubeconfig files, or by the pod that this runs in.

Sources: Kubernetes documentation, "Organizing Cluster Access Using kubeconfig Files" (of several files the first
that has a name wins; paths are relative to their file), and "Accessing the Kubernetes API from a Pod".
"""

from __future__ import annotations

import base64
import binascii
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cygni.errors import UsageError
from cygni.targets.kubernetes.credentials import ProgramToken, Token, TokenFile, WrittenToken

_POD: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_HINT: Final = "Write one with: aws eks update-kubeconfig --name CLUSTER"
_UNKNOWN: Final = {"cluster": ("proxy-url", "tls-server-name"), "user": ("auth-provider", "username", "as")}
"""What is refused, since without it somebody else would be asked, or would ask."""


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """`name` is for people; `server` has no path's end; `namespace` is the one that is meant where none is named."""

    name: str
    server: str
    namespace: str
    token: Token
    tls: ssl.SSLContext | None = field(repr=False)


def cluster_access(environ: Mapping[str, str], context: str | None = None, pod: Path = _POD) -> ClusterAccess:
    """The cluster of a context of KUBECONFIG or ~/.kube/config, the current one unless it is named; without any file
    that of the pod. Raises UsageError."""
    written = environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    paths = [Path(one).expanduser() for one in written.split(":") if one]
    documents = [(path, _read(path)) for path in paths if path.exists()]
    if documents:
        return _configured(documents, context)
    if environ.get("KUBERNETES_SERVICE_HOST") and (pod / "token").exists():
        return _of_pod(environ, pod)
    raise UsageError(f"there is no kubeconfig: {written} was looked for", hint=_HINT)


def _read(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"the kubeconfig {path} cannot be read: {error}", hint=_HINT) from error
    if not isinstance(document, Mapping):
        raise UsageError(f"the kubeconfig {path} is none", hint=_HINT)
    return document


@dataclass(frozen=True, slots=True)
class _Named:
    """An entry of a kubeconfig, and the folder that its paths are relative to."""

    values: Mapping[str, Any]
    folder: Path

    def content(self, key: str) -> bytes | None:
        """What `KEY-data` has in base64, or the file has that KEY names. Raises UsageError."""
        data, name = self.values.get(f"{key}-data"), self.values.get(key)
        try:
            if data:
                return base64.b64decode(data, validate=True)
            return (self.folder / str(name)).read_bytes() if name else None
        except (OSError, binascii.Error, TypeError) as error:
            raise UsageError(f"{key} of the kubeconfig cannot be read: {error}", hint=_HINT) from error


def _configured(documents: list[tuple[Path, Mapping[str, Any]]], context: str | None) -> ClusterAccess:
    current = next((one["current-context"] for _, one in documents if one.get("current-context")), None)
    name = context or current
    if not name:
        raise UsageError("the kubeconfig has no current context", hint="kubectl config use-context NAME")
    chosen = _entry(documents, "context", name).values
    cluster = _entry(documents, "cluster", chosen.get("cluster"))
    user = _entry(documents, "user", chosen.get("user"))
    server = str(cluster.values.get("server", "")).rstrip("/")
    if urlsplit(server).scheme not in ("http", "https"):
        raise UsageError(f"the server of {name} in the kubeconfig is no address: {server}", hint=_HINT)
    tls = _tls(cluster, user) if server.startswith("https:") else None
    return ClusterAccess(name, server, str(chosen.get("namespace") or "default"), _token(user), tls)


def _entry(documents: list[tuple[Path, Mapping[str, Any]]], kind: str, name: Any) -> _Named:
    for path, document in documents:
        for entry in document.get(f"{kind}s") or ():
            if isinstance(entry, Mapping) and entry.get("name") == name:
                values = entry.get(kind) or {}
                refused = next((key for key in _UNKNOWN.get(kind, ()) if values.get(key)), None)
                if refused:
                    raise UsageError(f"{refused} of the {kind} {name} in the kubeconfig is not supported")
                return _Named(values, path.parent)
    raise UsageError(f"the kubeconfig has no {kind} {name}", hint="See what it has: kubectl config view")


def _token(user: _Named) -> Token:
    values = user.values
    if values.get("token"):
        return WrittenToken(str(values["token"]))
    if values.get("tokenFile"):
        return TokenFile(user.folder / str(values["tokenFile"]))
    program = values.get("exec")
    if not isinstance(program, Mapping):
        return WrittenToken()
    command = str(program.get("command", ""))
    # A name is looked for in PATH; a path is relative to the file.
    first = str(user.folder / command) if "/" in command else command
    words = [first, *(str(one) for one in program.get("args") or ())]
    environ = {str(one["name"]): str(one["value"]) for one in program.get("env") or ()}
    hint = str(program["installHint"]) if program.get("installHint") else None
    return ProgramToken(words, environ, str(program.get("apiVersion", "")), hint)


def _tls(cluster: _Named, user: _Named) -> ssl.SSLContext:
    authority = cluster.content("certificate-authority")
    try:
        tls = ssl.create_default_context(cadata=authority.decode("ascii") if authority else None)
        if cluster.values.get("insecure-skip-tls-verify"):
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        certificate, key = user.content("client-certificate"), user.content("client-key")
        if certificate and key:
            with tempfile.TemporaryDirectory(prefix="cx-cluster-") as aside:  # ssl reads files alone
                pem = Path(aside, "client.pem")
                pem.touch(0o600)
                pem.write_bytes(certificate + b"\n" + key)
                tls.load_cert_chain(pem)
    except (ssl.SSLError, UnicodeDecodeError, ValueError) as error:
        raise UsageError(f"the certificates of the kubeconfig cannot be read: {error}", hint=_HINT) from error
    return tls


def _of_pod(environ: Mapping[str, str], pod: Path) -> ClusterAccess:
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ.get("KUBERNETES_SERVICE_PORT", "443")
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    namespace = (pod / "namespace").read_text(encoding="utf-8").strip()
    tls = ssl.create_default_context(cafile=str(pod / "ca.crt"))
    return ClusterAccess("the cluster of this pod", server, namespace, TokenFile(pod / "token"), tls)
