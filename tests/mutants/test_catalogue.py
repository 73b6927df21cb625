"""The mutants: each still breaks a line that is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=[one.name for one in MUTANTS])
class TestEachMutant:
    def test_breaks_one_place_and_is_still_a_program(self, mutant: Mutant) -> None:
        good = (ROOT / mutant.path).read_text(encoding="utf-8")
        bad = mutant.applied(good)
        assert ast.dump(ast.parse(bad)) != ast.dump(ast.parse(good))

    def test_is_looked_for_by_tests_that_are_there(self, mutant: Mutant) -> None:
        assert (ROOT / mutant.tests[0]).exists()


def test_there_are_enough_and_none_twice() -> None:
    assert len({(one.path, one.good, one.bad) for one in MUTANTS}) == len(MUTANTS) >= 20


def test_one_that_fits_nowhere_is_told() -> None:
    lost = Mutant("lost", "a.py", "x = 1", "x = 2", ())
    with pytest.raises(ValueError, match="0 times"):
        lost.applied("y = 1")
