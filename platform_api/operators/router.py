"""`/v1/operators`: who runs the server, and what they did to it."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request

from platform_api.access.caller import Transaction
from platform_api.cursors import LARGEST_PAGE
from platform_api.operators.access import Operator, ServerAudit
from platform_api.operators.repository import Operators
from platform_api.operators.schemas import (
    OperatorAdd,
    OperatorEntryList,
    OperatorEntryPublic,
    OperatorList,
    OperatorPublic,
)
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/operators", tags=["operators"])


@router.get("")
async def list_operators(session: Transaction, operator: Operator) -> OperatorList:
    found = await Operators(session).all()
    return OperatorList(items=[OperatorPublic.model_validate(one) for one in found])


@router.post("", status_code=201, responses={404: {"description": "Not Found"}})
async def add_operator(
    session: Transaction, operator: Operator, audit: ServerAudit, wanted: OperatorAdd
) -> OperatorPublic:
    """Somebody with an account, in an organization whose members the caller manages; who is one already stays one."""
    operators = Operators(session)
    found = await operators.existing(wanted.email)
    if not found.operator:
        assert operator.user is not None  # no API key is an operator
        await operators.require_known(found, operator.user)
        found.operator = True
        await audit.record("operator.add", found.email)
    return OperatorPublic.model_validate(found)


@router.delete("/{user}", status_code=204)
async def remove_operator(
    session: Transaction, operator: Operator, audit: ServerAudit, user: uuid.UUID
) -> None:
    """Never the last one."""
    gone = await Operators(session).remove(user)
    await audit.record("operator.remove", gone.email)


@router.get("/audit")
async def list_operator_entries(
    request: Request,
    session: Transaction,
    operator: Operator,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> OperatorEntryList:
    """What was done to the server itself, the newest first; what was done in an organisation is in its own log."""
    cursors = wiring(request).cursors
    before = int(cursors.read("operators", cursor)) if cursor else None
    found = await Operators(session).entries(before, limit + 1)
    page, more = cursors.cut("operators", found, limit, lambda one: one.number)
    return OperatorEntryList(items=[OperatorEntryPublic.model_validate(one) for one in page], next=more)
