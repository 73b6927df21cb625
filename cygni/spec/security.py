"""The `security` of cygni.yaml."""

from __future__ import annotations

from pydantic import Field

from cygni.spec.section import Section


class Security(Section):
    """What guards an environment, and the account it runs in."""

    waf: bool = Field(
        default=False,
        description=(
            "A web application firewall (AWS WAF) before the web services: AWS's managed rules against known attacks, "
            "bad inputs and bad addresses, and a limit of requests per address. 9 USD a month (5 USD, and 1 USD for "
            "each of its 4 rules), and 0.60 USD per million requests."
        ),
        examples=[True],
    )
    waf_rate_limit: int = Field(
        default=2000,
        ge=10,
        le=2_000_000_000,
        description="Requests from one address in five minutes, above which the firewall refuses more.",
        examples=[2000],
    )
    kms: bool = Field(
        default=False,
        description=(
            "Encrypt databases and caches with a KMS key of the environment's own, renewed every year, whose use shows "
            "in CloudTrail and which can be taken away, instead of the key that AWS has for each service. 1 USD a "
            "month (and 1 USD more after each of the first two renewals), and 0.03 USD per 10,000 requests. Decide it "
            "before there is data: a change replaces every database and cache."
        ),
        examples=[True],
    )
    guardduty: bool = Field(
        default=False,
        description=(
            "Amazon GuardDuty, which looks for attacks in the logs of the whole account, in this region. There is one "
            "for an account and region: switch it on in one environment only. Billed by use: 1 USD per GB of flow and "
            "DNS logs, and by the number of CloudTrail events; the first 30 days are free."
        ),
        examples=[True],
    )
    security_hub: bool = Field(
        default=False,
        description=(
            "AWS Security Hub with AWS's Foundational Security Best Practices, for the whole account, in this region. "
            "There is one for an account and region: switch it on in one environment only. Billed by checks made; it "
            "needs AWS Config, which Cygni does not switch on."
        ),
        examples=[True],
    )
    cloudtrail: bool = Field(
        default=False,
        description=(
            "A CloudTrail trail: who did what in the account, in all regions, kept in an encrypted bucket of its own "
            "for `cloudtrail_retention` days. An account's first trail is free but for what the bucket keeps; each "
            "further one costs 2 USD per 100,000 events."
        ),
        examples=[True],
    )
    cloudtrail_retention: int = Field(
        default=365, ge=1, le=3650, description="Days the records of the trail are kept.", examples=[90]
    )
