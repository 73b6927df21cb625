"""The `domain` of cygni.yaml: the name people reach an environment by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from cygni.spec.section import Finding, Section, Text
from cygni.wording import quoted

_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = rf"({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?"
_LONGEST: Final = 64
"""ACM RequestCertificate: the first name of a certificate has at most 64 characters. Each name gets a certificate
of its own."""
_WORDS: Final = (
    f"a host name in lower case, at most {_LONGEST} characters, without a dot at the end: shop.example.com"
)

HostName = Annotated[str, Text(_HOST, _WORDS, _LONGEST, 4)]
HostNames = Annotated[str, Text(rf"(\*\.)?{_HOST}", f"{_WORDS} or *.example.com", _LONGEST, 4)]


class Domain(Section):
    """A name with HTTPS for the web services of an environment."""

    name: HostName = Field(
        description=(
            "Host name the web services are reached by, over HTTPS; plain HTTP is redirected. It belongs to one "
            "environment, so write it under `environments`, unless there is only one. The certificate (ACM) is free."
        ),
        examples=["shop.example.com"],
    )
    zone: HostName | None = Field(
        default=None,
        description=(
            "Name of the public Route 53 hosted zone that the records go into; `name` itself unless written. All "
            "names must lie in it. On AWS it must be there unless `create_zone` says otherwise; the local cloud "
            "always makes one."
        ),
        examples=["example.com"],
    )
    create_zone: bool = Field(
        default=False,
        description=(
            "Make the hosted zone, with this environment (0.50 USD a month, and 0.40 USD per million queries, those "
            "for the names of the load balancer being free). The certificate is issued only once the registrar of the "
            "domain names the zone's name servers: see the output `foundation.nameServers`. The deploy waits for it."
        ),
        examples=[True],
    )
    aliases: Annotated[tuple[HostNames, ...], Field(min_length=1, max_length=20, strict=False)] = Field(
        default=(),
        description=(
            "Further names that lead to the same services, each with a certificate of its own; `*.` at the beginning "
            "stands for any one label. A load balancer takes 25 certificates (Elastic Load Balancing)."
        ),
        examples=[["www.shop.example.com"]],
    )
    cdn: bool = Field(
        default=False,
        description=(
            "Put CloudFront before the load balancer, which then lets in nobody else. It keeps what the services say "
            "may be kept (Cache-Control), in North America, Europe and Israel. Billed by use: 0.085 USD per GB to the "
            "internet and 1.00 USD per million HTTPS requests from North America (1.20 USD from Europe). A deploy that "
            "changes it takes some minutes more."
        ),
        examples=[True],
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        name = data.get("name")
        if not isinstance(name, str):
            return
        zone = data.get("zone") or name
        aliases = data.get("aliases", ())
        names = [(("name",), name)]
        if isinstance(aliases, list | tuple):
            names += [(("aliases", index), alias) for index, alias in enumerate(aliases)]  # type: ignore[misc]
        seen: set[str] = set()
        for path, host in names:
            if not isinstance(host, str):
                continue
            if host in seen:
                yield Finding(path, f"{quoted(host)} is there already", "name each host once")
            elif isinstance(zone, str) and not (host == zone or host.endswith(f".{zone}")):
                message = f"{quoted(host)} is not in the zone {quoted(zone)}"
                hint = "write `zone:` with the name of the hosted zone that holds all names"
                yield Finding(path, message, hint, related=(("zone",),))
            seen.add(host)
