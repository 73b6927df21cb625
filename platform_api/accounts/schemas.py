from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from platform_api.text import Email, Password


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    password: Password


class PasswordChange(SignIn):
    """`password` is the one until now."""

    new_password: Password


class Refresh(BaseModel):
    model_config = ConfigDict(extra="forbid")

    refresh_token: str


class Tokens(BaseModel):
    """`access_token` goes into `Authorization: Bearer` until `access_ends`. `refresh_token` gets the next two, once."""

    access_token: str
    access_ends: datetime
    refresh_token: str


class UserPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    name: str
