"""What an application load balancer answers by itself.

The pages are those of Elastic Load Balancing ("HTTP error codes" in the guide for application load balancers, and
what a client sees): a short page of HTML, and `Server: awselb/2.0`.
"""

from __future__ import annotations

from typing import Any

SERVER = "awselb/2.0"
_PHRASES = {
    400: "400 Bad Request",
    408: "408 Request Time-out",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
}
# Envoy's response flags, by the answer that AWS gives in that case.
_BECAUSE = {
    503: ["UH", "UO", "NC"],  # no healthy target, or none at all
    502: ["UF", "UC", "UR", "UPE", "LR"],  # refused, closed or reset the connection, or spoke no HTTP
    504: ["UT"],  # the target did not answer in time
    400: ["DPE"],  # the client spoke no HTTP
}


def page(code: int) -> str:
    phrase = _PHRASES[code]
    return (
        f"<html>\r\n<head><title>{phrase}</title></head>\r\n<body>\r\n"
        f"<center><h1>{phrase}</h1></center>\r\n</body>\r\n</html>\r\n"
    )


def server_header() -> dict[str, Any]:
    return {
        "header": {"key": "server", "value": SERVER},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }


def local_replies() -> dict[str, Any]:
    """How Envoy is to word its own answers (LocalReplyConfig)."""
    mappers = [_mapper({"response_flag_filter": {"flags": flags}}, code) for code, flags in _BECAUSE.items()]
    # The idle timeout: whose turn it was tells the code that Envoy has chosen.
    for given, code in ((408, 408), (504, 504)):
        comparison = {"op": "EQ", "value": {"default_value": given, "runtime_key": "unused"}}
        idle = [
            {"response_flag_filter": {"flags": ["SI"]}},
            {"status_code_filter": {"comparison": comparison}},
        ]
        mappers.append(_mapper({"and_filter": {"filters": idle}}, code))
    return {"mappers": mappers}


def fixed(code: int) -> dict[str, Any]:
    """A route's action that answers with one of the pages."""
    return {
        "direct_response": {"status": code, "body": {"inline_string": page(code)}},
        "response_headers_to_add": [
            {
                "header": {"key": "content-type", "value": "text/html"},
                "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            },
            server_header(),
        ],
    }


def _mapper(condition: dict[str, Any], code: int) -> dict[str, Any]:
    return {
        "filter": condition,
        "status_code": code,
        "headers_to_add": [server_header()],
        "body_format_override": {
            "text_format_source": {"inline_string": page(code)},
            "content_type": "text/html",
        },
    }
