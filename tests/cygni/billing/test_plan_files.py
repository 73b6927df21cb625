from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from cygni.billing.plan_files import parsed, read_plan_file
from cygni.billing.terms import Terms
from cygni.errors import UsageError

PAGE = Path(__file__).parents[3] / "docs" / "billing.md"


class TestReading:
    def test_keeps_numbers_as_they_are_written(self) -> None:
        assert parsed("price: 0.10000000000000001\nseats: 3\nup_to: null") == {
            "price": "0.10000000000000001",
            "seats": 3,
            "up_to": None,
        }

    def test_reads_the_plan_of_the_documentation(self, tmp_path: Path) -> None:
        [shown] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
        file = tmp_path / "team.yaml"
        file.write_text(shown, encoding="utf-8")
        found = read_plan_file(file)
        plan = Terms.model_validate(found["terms"]).plan(found["key"], 1, found["currency"])
        assert (plan.key, plan.minimum, plan.limits) == ("team", Decimal(25), {"projects": 10, "seats": 20})
        assert plan.meters == {"vcpu_hours", "build_minutes"}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("a: [", "is no YAML: .* in line"),
            ("- 1", "holds no plan"),
            ("name: Team", "holds no plan"),
            ("!!python/object/apply:os.getcwd []", "is no YAML"),
        ],
    )
    def test_says_what_is_wrong(self, tmp_path: Path, text: str, said: str) -> None:
        file = tmp_path / "plan.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=said):
            read_plan_file(file)

    def test_says_which_file_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="none.yaml cannot be read: No such file"):
            read_plan_file(tmp_path / "none.yaml")
