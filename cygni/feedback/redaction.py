"""Takes out of texts what nobody else may read, or needs (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

REDACTED: Final = "[redacted]"
_LEAST: Final = 4
"""Characters of a value that is looked for in texts: a shorter one is everywhere."""
_SECRET_NAMES: Final = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|PWD$|KEY|CREDENTIAL|AUTH|COOKIE|DSN|_URL$|_URI$|WEBHOOK|CERT",
    re.IGNORECASE,
)
_NAME: Final = r"[\w.-]*(?:password|passwd|passphrase|secret|token|api_?key|access_?key)[\w.-]*\"?\s*[=:]\s*"
_FORMS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?s)-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", REDACTED),
        (r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b", REDACTED),
        (
            r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk_live_|sk-|pul-|hf_|ATCTT|ATATT)[\w=-]{8,}",
            REDACTED,
        ),
        (r"\bcx[a-z]_[0-9A-Za-z]{6,}_[0-9A-Za-z]{6,}", REDACTED),  # Cygni's own
        (r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?", REDACTED),
        (r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}", rf"\1 {REDACTED}"),
        (r"\b([a-z][a-z0-9+.-]*://)[^\s/@'\"]+@", rf"\1{REDACTED}@"),
    )
)
"""What is a secret by its form, wherever it stands."""
_NEIGHBOURS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (
            r"(?i)([?&;](?:x-amz-[a-z-]+|sig(?:nature)?|token|key|password|secret)=)[^\s&;'\"]+",
            rf"\1{REDACTED}",
        ),
        (rf"(?i)\b({_NAME})(?:\"[^\"]*\"|'[^']*'|[^\s,;\"']+)", rf"\1{REDACTED}"),
        (r"(?<![\w/+])[A-Za-z0-9/+]{40}(?![\w/+=])", REDACTED),  # the form of a secret access key
        (r"(?<!\d)\d{12}(?!\d)", "[account]"),
        (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "[mail]"),
    )
)
"""What may be one by what stands before it, or is about people."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """`secrets` are values that are taken out wherever they stand, `places` what stands for names of people and
    machines, such as the home folder."""

    secrets: tuple[str, ...]
    places: Mapping[str, str]

    def __call__(self, text: str) -> str:
        text = without_secrets(text, self.secrets)
        for pattern, replacement in _NEIGHBOURS:
            text = pattern.sub(replacement, text)
        for value, shown in sorted(self.places.items(), key=lambda one: -len(one[0])):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", shown, text)
        return text

    def document(self, value: Any) -> Any:
        """JSON values with every text in them redacted, names of keys too."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {self(str(key)): self.document(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.document(one) for one in value]
        return value


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without these values, and without what is a secret by its form; all else stays as it is."""
    for value in sorted(set(secrets), key=len, reverse=True):
        if len(value) >= _LEAST:
            text = text.replace(value, REDACTED)
    for pattern, replacement in _FORMS:
        text = pattern.sub(replacement, text)
    return text


def secret_values(environ: Mapping[str, str]) -> Iterator[str]:
    """The values of variables that hold secrets by their names."""
    for name, value in environ.items():
        if _SECRET_NAMES.search(name):
            yield from (line for line in (value, *value.splitlines()) if line.strip())


def variable_values(spec: Any) -> Iterator[str]:
    """The values that a cygni.yaml gives to programs in their variables, of every service and environment."""
    for variables in _variables(spec):
        yield from (str(value) for value in variables.values() if not isinstance(value, dict | list))


def without_variables(spec: Any) -> Any:
    """A cygni.yaml with no value of a variable in it."""
    if isinstance(spec, dict):
        return {
            key: dict.fromkeys(value, REDACTED)
            if key == "env" and isinstance(value, dict)
            else without_variables(value)
            for key, value in spec.items()
        }
    return [without_variables(one) for one in spec] if isinstance(spec, list) else spec


def _variables(spec: Any) -> Iterator[dict[str, Any]]:
    inner: Iterable[Any] = ()
    if isinstance(spec, dict):
        if isinstance(spec.get("env"), dict):
            yield spec["env"]
        inner = spec.values()
    elif isinstance(spec, list):
        inner = spec
    for one in inner:
        yield from _variables(one)
