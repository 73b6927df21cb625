"""The mutants: which guard is broken, how, and which tests have to notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_TESTS: Final = "tests/platform_api"
_MATRIX: Final = f"{_TESTS}/test_tenant_matrix.py"
_FORGED: Final = f"{_TESTS}/access/test_forged_tokens.py"
_ACCOUNTS: Final = f"{_TESTS}/accounts"
_QUEUE: Final = f"{_TESTS}/deployments/test_queue.py"
_ROW_SECURITY: Final = f"{_TESTS}/database/test_row_security.py"
_TOKENS: Final = "platform_api/access/access_tokens.py"
_CALLER: Final = "platform_api/access/caller.py"
_COOKIES: Final = "platform_api/access/cookies.py"
_SIGNING_IN: Final = "platform_api/accounts/service.py"


@dataclass(frozen=True, slots=True)
class Mutant:
    """In `path`, `good` becomes `bad`; `tests` are what pytest is given. `good` is there once."""

    name: str
    path: str
    good: str
    bad: str
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The file's text with the guard broken. Raises ValueError where `good` is not there exactly once."""
        if text.count(self.good) != 1:
            raise ValueError(f"{self.name}: {self.path} has {self.good!r} {text.count(self.good)} times")
        return text.replace(self.good, self.bad)


MUTANTS: Final = (
    Mutant(
        "tenants: rows of all of them are seen",
        "platform_api/migrations/versions/0001_tenants.py",
        "ON {table} USING ({tenant})",
        "ON {table} USING (true)",
        (_ROW_SECURITY,),
    ),
    Mutant(
        "tenants: the owner of the tables is let past",
        "platform_api/migrations/versions/0001_tenants.py",
        "{table} FORCE ROW",
        "{table} NO FORCE ROW",
        (_ROW_SECURITY,),
    ),
    Mutant(
        "projects: whoever is in the organization sees each",
        _CALLER,
        "if Permission.PROJECT_READ in granted:",
        "if True:",
        (_MATRIX,),
    ),
    Mutant(
        "permissions: nobody is asked for one",
        "platform_api/access/allowed.py",
        "if permission not in found.permissions:",
        "if False:",
        (_MATRIX,),
    ),
    Mutant(
        "access tokens: the signature is not checked",
        _TOKENS,
        '"verify_exp": False,',
        '"verify_exp": False, "verify_signature": False,',
        (_FORGED,),
    ),
    Mutant(
        "access tokens: they do not end",
        _TOKENS,
        "<= now < ends + LEEWAY.total_seconds()",
        "<= now",
        (_FORGED,),
    ),
    Mutant("access tokens: any type is taken", _TOKENS, 'header.get("typ") != _TYPE or ', "", (_FORGED,)),
    Mutant(
        "access tokens: any issuer is taken", _TOKENS, "                issuer=_ISSUER,\n", "", (_FORGED,)
    ),
    Mutant(
        "access tokens: any audience is taken",
        _TOKENS,
        '"verify_exp": False,',
        '"verify_exp": False, "verify_aud": False,',
        (_FORGED,),
    ),
    Mutant(
        "access tokens: they outlive their session",
        _CALLER,
        " or found.revoked_at is not None or found.user_id",
        " or found.user_id",
        (_ACCOUNTS,),
    ),
    Mutant("access tokens: they name anybody", _CALLER, " or found.user_id != token.user:", ":", (_FORGED,)),
    Mutant(
        "API keys: any secret will do",
        _CALLER,
        "and hmac.compare_digest(found.secret_hash, credentials.hashed(parts.pepper, key))",
        "and True",
        (f"{_TESTS}/access/test_api_keys.py",),
    ),
    Mutant(
        "API keys: they do not end",
        _CALLER,
        "and (found.expires_at is None or now < found.expires_at)",
        "",
        (_MATRIX,),
    ),
    Mutant("API keys: they are not revoked", _CALLER, "and found.revoked_at is None\n", "\n", (_MATRIX,)),
    Mutant(
        "API keys: they get more than their maker has",
        "platform_api/api_keys/router.py",
        "if missing := set(wanted.scopes) - managing.permissions:",
        "if missing := set(wanted.scopes) - set(wanted.scopes):",
        (f"{_TESTS}/access/test_api_keys.py",),
    ),
    Mutant(
        "cookies: no proof is asked for",
        _COOKIES,
        "if not hmac.compare_digest(given.encode(), self.of(session).encode()):",
        "if False:",
        (_ACCOUNTS,),
    ),
    Mutant(
        "cookies: any page may use them",
        _COOKIES,
        "return site in _OURS if site is not None else origin in {None, own}",
        "return True",
        (_ACCOUNTS,),
    ),
    Mutant("cookies: scripts read them", _COOKIES, "httponly=not readable", "httponly=False", (_ACCOUNTS,)),
    Mutant(
        "refresh tokens: one that is used twice leaves the session",
        _SIGNING_IN,
        'self._revoke(session, "a refresh token was used twice")',
        "pass",
        (_ACCOUNTS,),
    ),
    Mutant(
        "refresh tokens: they do not end", _SIGNING_IN, " or now >= session.expires_at:", ":", (_ACCOUNTS,)
    ),
    Mutant(
        "refresh tokens: they are renewed for ever",
        _SIGNING_IN,
        "min(now + IDLE, session.created_at + ABSOLUTE)",
        "now + IDLE",
        (_ACCOUNTS,),
    ),
    Mutant(
        "passwords: sessions outlive the one that they began with",
        "platform_api/accounts/dependencies.py",
        'await accounts.sign_out(user.id, now, "the password was changed")',
        "pass",
        (_ACCOUNTS,),
    ),
    Mutant(
        "passwords: one that was right a moment ago signs in",
        "platform_api/accounts/dependencies.py",
        "if not await Accounts(session).is_unchanged(user):",
        "if False:",
        (_ACCOUNTS,),
    ),
    Mutant(
        "passwords: one that was changed meanwhile is changed again",
        "platform_api/accounts/repository.py",
        "        col(User.password_hash) == user.password_hash,\n",
        "",
        (_ACCOUNTS,),
    ),
    Mutant(
        "accounts: one that is disabled keeps its sessions",
        "platform_api/accounts/administration.py",
        'await self._signed_out(user, "the account was disabled")',
        "pass",
        (_ACCOUNTS,),
    ),
    Mutant(
        "deployments: no fence",
        "platform_api/deployments/held.py",
        "            col(Deployment.fence) == claim.fence,\n",
        "",
        (_QUEUE,),
    ),
    Mutant(
        "deployments: a lease that is over still writes",
        "platform_api/deployments/held.py",
        "            col(Deployment.lease_expires_at) > NOW,\n",
        "",
        (_QUEUE,),
    ),
    Mutant(
        "deployments: another plan is approved than was looked at",
        "platform_api/deployments/service.py",
        "if (None if plan is None else digest_of(plan)) != digest:",
        "if (plan is None) != (digest is None):",
        (f"{_TESTS}/deployments/test_router.py",),
    ),
    Mutant(
        "audit: a changed entry is not noticed",
        "platform_api/audit/chain.py",
        " or entry.hash != hash_of(entry):",
        ":",
        (f"{_TESTS}/audit",),
    ),
    Mutant(
        "roles: somebody gives more than they have",
        "platform_api/access/permissions.py",
        "if missing := given - permissions:",
        "if missing := given - given:",
        (f"{_TESTS}/roles",),
    ),
    Mutant(
        "setup: any token will do",
        "platform_api/setup/service.py",
        "if found is None or not hmac.compare_digest(found.secret, key_token.secret):",
        "if found is None:",
        (f"{_TESTS}/setup",),
    ),
    Mutant(
        "invitations: they do not end",
        "platform_api/invitations/service.py",
        " and self._now < held.expires_at:",
        ":",
        (f"{_TESTS}/invitations",),
    ),
    Mutant(
        "invitations: they are used twice",
        "platform_api/invitations/service.py",
        "held.accepted_at is None and ",
        "",
        (f"{_TESTS}/invitations",),
    ),
    Mutant(
        "cursors: they are not signed",
        "platform_api/cursors.py",
        "if not hmac.compare_digest(signature, self._signature(listing, body)):",
        "if not raw:",
        (f"{_TESTS}/hardening/test_nonsense.py", "-k", "cursors"),
    ),
    Mutant(
        "bodies: they are not counted",
        "platform_api/edge/body_limits.py",
        "if received > most:",
        "if False:",
        (f"{_TESTS}/edge/test_limits.py",),
    ),
    Mutant(
        "metrics: they are for everybody",
        "platform_api/metrics/router.py",
        "elif not _local(request):",
        "elif False:",
        (f"{_TESTS}/metrics",),
    ),
)
