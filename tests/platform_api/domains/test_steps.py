from __future__ import annotations

from datetime import timedelta

import pytest

from platform_api.domains.steps import (
    LONGEST_WAIT,
    Certificate,
    Record,
    Status,
    after_a_problem,
    after_looking_at_the_certificate,
    after_looking_for_the_owner,
    is_shown,
    ownership_record,
    standing,
    while_removing,
)

RECORD = Record("CNAME", "_a.shop.example.com", "_b.acm-validations.aws", "")


class TestOwnership:
    def test_is_shown_by_one_of_several_texts_and_no_other(self) -> None:
        record = ownership_record("shop.example.com", "abc")
        assert (record.type, record.name) == ("TXT", "_cygni.shop.example.com")
        assert is_shown("abc", frozenset({'"something else"', f'"{record.value}"'}))
        assert not is_shown("abc", frozenset({f'"{record.value}d"', '"abc"'}))
        assert not is_shown("abc", frozenset())

    @pytest.mark.parametrize(
        ("shown", "since", "status", "reason"),
        [
            (False, timedelta(), Status.VERIFYING, "not found yet"),
            (False, LONGEST_WAIT * 2, Status.FAILED, "in 72 hours"),
            (True, LONGEST_WAIT * 2, Status.PROVISIONING, "requested"),
        ],
    )
    def test_leads_on(self, shown: bool, since: timedelta, status: Status, reason: str) -> None:
        step = after_looking_for_the_owner(shown=shown, checks=0, since=since)
        assert (step.status, reason in (step.reason or "")) == (status, True)
        assert (step.pause is None) is (status is Status.FAILED)

    def test_is_looked_for_less_and_less_often(self) -> None:
        def pause(checks: int) -> timedelta | None:
            return after_looking_for_the_owner(shown=False, checks=checks, since=timedelta()).pause

        assert [pause(n) for n in (0, 4, 5, 10, 1000)] == [
            timedelta(minutes=1),
            timedelta(minutes=1),
            timedelta(minutes=2),
            timedelta(minutes=4),
            timedelta(hours=1),
        ]


class TestStanding:
    @pytest.mark.parametrize(
        ("status", "environment", "served", "said"),
        [
            (Status.ACTIVE, None, False, "needs an environment"),
            (Status.ACTIVE, "production", False, "next deployment of production puts"),
            (Status.ACTIVE, "production", True, None),
            (Status.REMOVING, "production", True, "until the next deployment"),
            (Status.REMOVING, None, True, None),
            (Status.PENDING, "production", False, None),
        ],
    )
    def test_tells_what_is_missing(
        self, status: Status, environment: str | None, served: bool, said: str | None
    ) -> None:
        found = standing(status, None, environment=environment, served=served)
        assert (found is None) if said is None else (found is not None and said in found)
        assert standing(status, "no credentials", environment=environment, served=served) == "no credentials"

    def test_is_removed_once_nothing_serves_with_it(self) -> None:
        assert while_removing(deploys=False, served=False, deleted=True, checks=0) is None
        for held in ({"deploys": True}, {"served": True}, {"deleted": False}):
            step = while_removing(**{"deploys": False, "served": False, "deleted": True, **held}, checks=0)
            assert step is not None
            assert (step.status, step.pause) == (Status.REMOVING, timedelta(minutes=1))


class TestCertificates:
    @pytest.mark.parametrize(
        ("certificate", "status", "reason"),
        [
            (Certificate("a", "PENDING_VALIDATION"), Status.PROVISIONING, "ACM names the record soon"),
            (Certificate("a", "PENDING_VALIDATION", (RECORD,)), Status.PROVISIONING, "CNAME record"),
            (Certificate("a", "ISSUED", (RECORD,)), Status.ACTIVE, ""),
            (Certificate("a", "FAILED", (), "CAA_ERROR"), Status.FAILED, "caa error"),
            (Certificate("a", "VALIDATION_TIMED_OUT"), Status.FAILED, "validation timed out"),
        ],
    )
    def test_lead_on(self, certificate: Certificate, status: Status, reason: str) -> None:
        step = after_looking_at_the_certificate(certificate, checks=0)
        assert (step.status, reason in (step.reason or "")) == (status, True)

    def test_that_cannot_be_looked_at_change_nothing(self) -> None:
        step = after_a_problem(Status.ACTIVE, "no credentials", checks=0)
        assert (step.status, step.reason, step.pause) == (
            Status.ACTIVE,
            "no credentials",
            timedelta(minutes=1),
        )
