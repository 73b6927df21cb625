from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

import pytest
from cryptography import x509

from cygni.local_cloud.load_balancer import certificates
from cygni.local_cloud.load_balancer.certificates import make_certificate


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "certificates" / "a.crt", tmp_path / "certificates" / "a.key"


def read(certificate: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.read_bytes())


class TestMakeCertificate:
    def test_stands_for_the_names_and_this_machine(self, files: tuple[Path, Path]) -> None:
        make_certificate(*files, ["shop.test", "*.shop.test", "shop.test"])
        names = read(files[0]).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["shop.test", "*.shop.test", "localhost"]
        assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]

    def test_keeps_the_key_to_its_owner(self, files: tuple[Path, Path]) -> None:
        make_certificate(*files, [])
        assert stat.S_IMODE(files[1].stat().st_mode) == 0o600
        assert b"PRIVATE KEY" in files[1].read_bytes()

    def test_keeps_one_that_lasts(self, files: tuple[Path, Path]) -> None:
        make_certificate(*files, [])
        first = read(files[0]).serial_number
        make_certificate(*files, [])
        assert read(files[0]).serial_number == first

    def test_makes_another_in_time(self, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(certificates, "_DAYS", 0.5)
        make_certificate(*files, [])
        first = read(files[0])
        assert first.not_valid_after_utc < dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        monkeypatch.undo()
        make_certificate(*files, [])
        assert read(files[0]).serial_number != first.serial_number
