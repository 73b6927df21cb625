"""What is in an image, and what speaks against it: by Syft and Trivy, from a file that the build tool writes.

A file serves every tool: Docker, Podman and Buildah keep images in different places, and what looks into them knows
Docker's alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from cygni.builder.images.building import run, run_to_success
from cygni.builder.images.tools import Tool
from cygni.errors import BuildFailed, UsageError

SEVERITIES: Final = "HIGH,CRITICAL"
"""What stops: the two highest of Trivy's five."""
_FOUND: Final = 10
"""The exit code that Trivy is told to have for findings, so that they are told from a scan that failed."""
_LAST_LINES: Final = 40
_WHERE: Final = {
    "syft": "it makes the SBOM: https://github.com/anchore/syft",
    "trivy": "it scans images: https://github.com/aquasecurity/trivy",
    "cosign": "it signs images: https://github.com/sigstore/cosign",
}


def demand(*programs: str) -> None:
    """Raises UsageError for the first that is not installed, before anything is built."""
    for name in programs:
        if shutil.which(name) is None:
            raise UsageError(f"{name} is not installed", hint=f"Install it; {_WHERE[name]}")


def inspect(
    tool: Tool, reference: str, tell: Callable[[str], None], *, sbom: Path | None = None, scan: bool = False
) -> None:
    """Write the SBOM of an image to `sbom`, as CycloneDX's JSON, and scan it for what is known against its packages and
    has been mended.

    Raises BuildFailed, for findings too; they are told line by line. The SBOM is written whole or not at all.
    """
    with tempfile.TemporaryDirectory(prefix="cx-image-") as aside:
        archive = Path(aside, "image.tar")
        _do(tool.save(reference, archive), None, f"{reference} could not be read")
        if sbom is not None:
            _write_sbom(archive, sbom)
        if scan:
            _scan(archive, reference, tell)


def sign(address: str, digest: str, tell: Callable[[str], None]) -> None:
    """Sign what was pushed, by its digest: a tag could mean another image by then. Raises BuildFailed."""
    repository = address.rpartition(":")[0]
    _do(
        ["cosign", "sign", "--yes", f"{repository}@{digest}"],
        tell,
        f"{address} is pushed, and could not be signed",
    )


def _write_sbom(archive: Path, sbom: Path) -> None:
    made = archive.with_name("sbom.json")
    _do(
        ["syft", "scan", f"docker-archive:{archive}", "--output", f"cyclonedx-json={made}", "--quiet"],
        None,
        "Syft could not make the SBOM",
    )
    beside = sbom.with_name(f".{sbom.name}.new")
    try:
        shutil.copyfile(made, beside)
        beside.replace(sbom)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _scan(archive: Path, reference: str, tell: Callable[[str], None]) -> None:
    command = ["trivy", "image", "--input", str(archive), "--scanners", "vuln", "--severity", SEVERITIES]
    code = run([*command, "--ignore-unfixed", f"--exit-code={_FOUND}", "--quiet"], tell)
    if code == _FOUND:
        raise BuildFailed(
            f"{reference} has packages with vulnerabilities that are mended in newer ones",
            hint="Renew them or the base image, and build again. What may stay is named in .trivyignore.",
            details={"severities": SEVERITIES.split(",")},
        )
    if code != 0:
        raise BuildFailed(
            f"Trivy could not scan {reference}: it ended with {code}", hint="What it said is above."
        )


def _do(command: Sequence[str], tell: Callable[[str], None] | None, otherwise: str) -> None:
    run_to_success(command, tell, f"{otherwise}: {command[0]}", lines=_LAST_LINES)
