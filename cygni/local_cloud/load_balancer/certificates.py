"""Certificates for HTTPS listeners: ACM gives nobody the key of a certificate, so the local cloud signs one of its own.
Browsers warn of it, as they should."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from collections.abc import Iterable
from pathlib import Path

_DAYS = 397  # the longest that browsers accept


def make_certificate(certificate: Path, key: Path, names: Iterable[str]) -> None:
    """Write a self-signed certificate for the names and this machine, and its key, unless both are there and the
    certificate lasts another day. Raises OSError."""
    if certificate.exists() and key.exists() and _lasts(certificate):
        return
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cygni's local cloud")])
    alternatives: list[x509.GeneralName] = [
        x509.DNSName(name) for name in dict.fromkeys([*names, "localhost"])
    ]
    alternatives.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key, pem)
    _write(certificate, signed.public_bytes(serialization.Encoding.PEM))


def _lasts(certificate: Path) -> bool:
    from cryptography import x509

    until = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return until > dt.datetime.now(dt.UTC) + dt.timedelta(days=1)


def _write(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
        file.write(content)
