"""Sentences about what does not fit the description of a request."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from platform_api.application import create_app
from platform_api.misfits import SHAPES, sentence
from platform_api.text import Email, Name, Slug
from platform_api.webhooks.schemas import WebhookCreate
from tests.platform_api.server_key import KEY


class Flat(BaseModel):
    model: Literal["flat"]


class Tiered(BaseModel):
    model: Literal["tiered"]


def said(kind: Any, given: Any) -> str:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(kind).validate_python(given)
    return sentence(dict(raised.value.errors()[0]))


def patterns(schema: Any) -> Iterator[str]:
    """Those of a document of OpenAPI."""
    if isinstance(schema, dict):
        found = schema.get("pattern")
        if isinstance(found, str) and schema.get("type") == "string":
            yield found
        for one in schema.values():
            yield from patterns(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from patterns(one)


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (Slug, "Acme Ltd", "it has to be 2 to 40 lower-case letters, digits and hyphens"),
        (Email, "ada at example", "it has to be an email address such as ada@example.com"),
        (uuid.UUID, "nope", "it is no id; a list of its kind shows the ids that there are"),
        (datetime, "soon", "it has to be a date or time such as 2026-11-22 or 2026-11-22T12:00:00Z"),
        (AwareDatetime, "2026-11-22T12:00:00", "it has to say of which zone its time is"),
        (Decimal, "much", "it has to be a number such as 12 or 12.50"),
        (int, "much", "it has to be a whole number such as 12"),
        (Annotated[Decimal, Field(gt=0)], "0", "it has to be more than 0"),
        (Annotated[int, Field(ge=1, le=60)], 61, "it has to be 60 or less"),
        (Annotated[Decimal, Field(decimal_places=2)], "1.234", "it has 2 digits after the point at most"),
        (Name, "", "it is empty"),
        (Name, "x" * 101, "it has 100 characters at most"),
        (Name, "a\0b", "it holds characters that cannot be printed"),
        (Literal["given", "paid"], "gift", "it has to be given or paid"),
        (Literal[50, 75, 100], 51, "it has to be 50, 75 or 100"),
        (Annotated[Flat | Tiered, Field(discriminator="model")], {"model": "weird"}, "it has to be flat or tiered"),
        (Literal["a", "b", "c", "d", "e", "succeeded", "failed"], "succeded", "did you mean succeeded?"),
        (Literal["a", "b", "c", "d", "e", "f", "g"], "x", "it has to be one of 7 words such as a, b, c, d, e or f"),
    ],
)  # fmt: skip
def test_each_kind_is_a_sentence(kind: Any, given: Any, words: str) -> None:
    assert words in said(kind, given)


def test_a_missing_and_an_unknown_field_are_told() -> None:
    assert said(WebhookCreate, {}) == "it is missing"
    assert said(WebhookCreate, {"url": "https://a.example", "urls": 1}) == "there is no field of this name"


def test_an_event_that_is_none_is_told_with_the_nearest() -> None:
    told = said(WebhookCreate, {"url": "https://a.example", "events": ["deployment.suceeded"]})
    assert told == 'there is no event "deployment.suceeded"; did you mean "deployment.succeeded"?'


def test_every_pattern_of_the_description_has_words() -> None:
    found = set(patterns(create_app("postgres://nowhere/none", KEY).openapi()))
    assert len(found) > 10
    assert found - SHAPES.keys() == set()
