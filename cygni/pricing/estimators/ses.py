"""SES: email that identities send."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import priced

_EMAILS: Final = by_usage("emails sent", "AmazonSES", "emails", "email", "emails")

ESTIMATORS: Final = (
    priced(
        "aws:ses/domainIdentity:DomainIdentity",
        "aws:ses/emailIdentity:EmailIdentity",
        "aws:sesv2/emailIdentity:EmailIdentity",
        parts=(_EMAILS,),
        not_counted=("attachments, by the GB",),
    ),
    priced(
        "aws:sesv2/dedicatedIpAssignment:DedicatedIpAssignment",
        parts=(fixed("dedicated address", "AmazonSES", "dedicated-ip", "ip-month"),),
    ),
)
