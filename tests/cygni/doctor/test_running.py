"""Facts are gathered once, side by side, each within its limit; checks judge what came of it."""

from __future__ import annotations

import threading
import time

import pytest

from cygni.doctor.check import Check, Finding, Group, Result, Status, failed, passed
from cygni.doctor.facts import Fact, Facts, NotKnown, Source
from cygni.doctor.running import run_checks
from cygni.errors import AuthError

NUMBER, DOUBLE, OTHER = (
    Fact[int]("number", "the number"),
    Fact[int]("double", "its double"),
    Fact[int]("other", "another"),
)


def check(id: str = "one", **given: object) -> Check:
    values = {"judge": lambda facts: passed("well"), "needs": (NUMBER,), **given}
    return Check(id, Group.MACHINE, "Title", fixes="", **values)  # type: ignore[arg-type]


def run(checks: list[Check], *sources: Source, seconds: float | None = None) -> list[Finding]:
    return [one.finding for one in run_checks(checks, sources, seconds=seconds)]


class TestRunChecks:
    def test_gathers_each_fact_once_and_from_others(self) -> None:
        asked: list[str] = []

        def number(facts: Facts) -> int:
            asked.append("number")
            return 4

        doubled = Source(DOUBLE, lambda facts: 2 * facts[NUMBER], (NUMBER,))
        told = check(judge=lambda facts: passed(f"{facts[DOUBLE]}"), needs=(DOUBLE,))
        found = run([check("a"), check("b"), told], Source(NUMBER, number), doubled)
        assert [one.evidence for one in found] == ["well", "well", "8"]
        assert asked == ["number"]

    def test_gathers_side_by_side(self) -> None:
        both = threading.Barrier(2, timeout=60)

        def wait(facts: Facts) -> int:
            both.wait()
            return 1

        found = run([check(needs=(NUMBER, OTHER))], Source(NUMBER, wait), Source(OTHER, wait))
        assert [one.status for one in found] == [Status.PASS]

    def test_gives_up_what_hangs_and_judges_the_rest(self) -> None:
        free = threading.Event()
        hanging = Source(NUMBER, lambda facts: int(free.wait(60)), limit=0.05)
        found = run([check(), check("two", needs=(OTHER,))], hanging, Source(OTHER, lambda facts: 1))
        free.set()
        assert [one.status for one in found] == [Status.SKIP, Status.PASS]
        assert "no answer within" in found[0].evidence

    def test_gives_up_everything_when_its_time_is_over(self) -> None:
        free = threading.Event()
        begun = time.monotonic()
        slow = Source(NUMBER, lambda facts: int(free.wait(60)), limit=50)
        [found] = run([check()], slow, seconds=0.05)
        assert time.monotonic() - begun < 40
        free.set()
        assert (found.status, "too long for the quick form" in found.evidence) == (Status.SKIP, True)

    def test_skips_what_there_is_nothing_to_know_of(self) -> None:
        def none(facts: Facts) -> int:
            raise NotKnown("no domain here")

        doubled = Source(DOUBLE, lambda facts: 1, (NUMBER,))
        found = run(
            [check(tries=(NUMBER,), needs=()), check("b", needs=(DOUBLE,))], Source(NUMBER, none), doubled
        )
        assert [(one.status, one.evidence) for one in found] == [(Status.SKIP, "no domain here")] * 2

    def test_lets_a_check_judge_the_error_that_it_is_about_and_skips_what_follows(self) -> None:
        def refuse(facts: Facts) -> int:
            raise AuthError("refused", hint="log in")

        def judge(facts: Facts) -> Finding:
            error = facts.error(NUMBER)
            return failed(error.message, error.hint or "") if error is not None else passed("well")

        doubled = Source(DOUBLE, lambda facts: 1, (NUMBER,))
        about = check(judge=judge, needs=(), tries=(NUMBER,))
        after = check("b", judge=judge, needs=(), tries=(DOUBLE,))
        found = run([about, after, check("c")], Source(NUMBER, refuse), doubled)
        assert [one.status for one in found] == [Status.FAIL, Status.SKIP, Status.SKIP]
        assert (found[0].fix, found[1].evidence) == ("log in", "not without the number")

    def test_tells_of_what_a_source_did_not_foresee(self) -> None:
        [found] = run([check()], Source(NUMBER, lambda facts: 1 // 0))
        assert (found.status, "ZeroDivisionError" in found.evidence) == (Status.SKIP, True)

    def test_tells_of_results_in_the_order_of_the_checks(self) -> None:
        heard: list[Result] = []
        free = threading.Event()
        slow = Source(NUMBER, lambda facts: int(free.wait(10)))

        def let_go(facts: Facts) -> int:
            free.set()
            return 1

        quick = Source(OTHER, let_go)
        run_checks([check("slow"), check("quick", needs=(OTHER,))], [slow, quick], on_result=heard.append)
        assert [one.check.id for one in heard] == ["slow", "quick"]

    def test_needs_a_source_for_every_fact(self) -> None:
        with pytest.raises(LookupError, match="number"):
            run([check()])
