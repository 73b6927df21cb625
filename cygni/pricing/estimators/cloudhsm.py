"""CloudHSM and Payment Cryptography: modules by the hour."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import fixed
from cygni.pricing.parts import priced

ESTIMATORS: Final = (
    priced(
        "aws:cloudhsmv2/hsm:Hsm",
        parts=(fixed("hardware security module", "CloudHSM", "hsm", "hour"),),
        notes=("A cluster costs nothing beside its modules.",),
    ),
    priced(
        "aws:paymentcryptography/key:Key",
        parts=(fixed("payment key", "AWSPaymentCryptography", "key", "key-month"),),
    ),
)
