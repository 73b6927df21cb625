"""Private certificate authorities, and the certificates they issue."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import flag, named, text, through

_AUTHORITY: Final = "aws:acmpca/certificateAuthority:CertificateAuthority"
_MODE: Final = named(
    text("usageMode", "GENERAL_PURPOSE"),
    {"GENERAL_PURPOSE": "general-purpose", "SHORT_LIVED_CERTIFICATE": "short-lived"},
    "the usage mode",
)
_OF_AUTHORITY: Final = through("certificateAuthorityArn", _AUTHORITY, _MODE)
_CERTIFICATE: Final = by_usage(
    "certificate, {mode}", "AWSACMPCA", "certificate", "certificate", "private_certificates", tiered=True
)

ESTIMATORS: Final = (
    priced(
        _AUTHORITY,
        parts=(
            Part(
                fixed("{mode} authority", "AWSACMPCA", "ca", "ca-month"),
                by={"mode": _MODE},
                when=flag("enabled", True),
            ),
        ),
        otherwise="an authority that is disabled costs nothing",
        notes=("General purpose unless `usageMode` says otherwise.",),
    ),
    priced(
        "aws:acmpca/certificate:Certificate",
        parts=(Part(_CERTIFICATE, by={"mode": _OF_AUTHORITY}),),
        notes=("Billed when it is issued, once.",),
    ),
)
