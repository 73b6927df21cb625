"""What people see of plans, progress, status and outputs."""

from __future__ import annotations

import io
import json
import os
import re
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from cli import event_file
from cli.event_file import EventFile, new_folder
from cli.options import increase, seconds
from cli.outputs_view import flat_outputs, show_outputs
from cli.plan_view import show_plan
from cli.progress_view import ProgressView, progress_view
from cygni.cost_limits import WrittenIncrease
from cygni.errors import UsageError
from cygni.naming import Part
from cygni.plan.events import DiagnosticEvent, StepEvent, StoppingEvent
from cygni.plan.model import PropertyChange
from cygni.resources import UNKNOWN
from tests.cli.conftest import Cx
from tests.cygni.plan.conftest import BUCKET, NAT, UNPRICED, VPC, plan_of
from tests.fake_programs import urn_of


class Screen:
    """What is printed to people, as text."""

    def __init__(self, *, terminal: bool = False, width: int = 110) -> None:
        self.file = io.StringIO()
        self.console = Console(file=self.file, width=width, highlight=False, force_terminal=terminal)

    @property
    def text(self) -> str:
        return self.file.getvalue()

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.text.splitlines()]


def shown(**plan: Any) -> Screen:
    screen = Screen()
    show_plan(screen.console, plan_of(**plan))
    return screen


class TestPlanView:
    def test_shows_each_step_with_what_changes(self) -> None:
        changes = [PropertyChange("cidr", "1", UNKNOWN, replaces=True), PropertyChange("name", "a", "b")]
        lines = shown(
            creates=[(NAT, "a")], updates=[(VPC, "v", changes[1:])], replaces=[(BUCKET, "c", changes)]
        ).lines
        at = lines.index("data  1 to create, 1 to update, 1 to replace")
        assert lines[at + 1 : at + 7] == [
            "  + ec2.NatGateway a",
            "  ~ ec2.Vpc v",
            '      name: "a" → "b"',
            "  ± s3.Bucket c  loses its data",
            '      cidr: "1" → (known after apply)  (forces replacement)',
            '      name: "a" → "b"',
        ]

    @pytest.mark.parametrize("replaces", [False, True])
    def test_keeps_both_sides_of_a_change_on_a_narrow_screen(self, replaces: bool) -> None:
        arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/hello-production-web"
        change = PropertyChange("taskDefinition", f"{arn}:1", f"{arn}:2", replaces)
        screen = Screen(width=80)
        show_plan(screen.console, plan_of(updates=[(VPC, "v", [change])]))
        [line] = [line for line in screen.lines if "taskDefinition" in line]
        assert re.search(r'-web:1" → "?…?.*-web:2"', line)
        assert len(line) <= 80

    def test_says_once_that_the_local_cloud_was_emptied(self) -> None:
        lines = shown(creates=[(NAT, "a")], drifted=("a", "b"), emptied=True).lines
        said = "The local cloud was restarted or reset and is empty: what the state lists is created again."
        assert lines.count(said) == 1
        assert [line for line in lines if "outside" in line or "gone" in line] == []

    def test_shows_what_drifted_and_the_warnings(self) -> None:
        lines = shown(drifted=("a", "b"), warnings=("old",)).lines
        assert "  changed outside of Cygni: ec2.Vpc a, ec2.Vpc b" in lines
        assert "warning: old" in lines

    def test_shows_the_cost_of_each_resource_and_the_total(self) -> None:
        lines = shown(creates=[(NAT, "a")], deletes=[(NAT, "b")]).lines
        rows = [line.split() for line in lines]
        assert ["ec2.NatGateway", "a", "-", "$32.85", "+$32.85"] in rows
        assert ["ec2.NatGateway", "b", "$32.85", "-", "-$32.85"] in rows
        assert ["Total", "$32.85", "$32.85", "$0.00"] in rows
        assert ["per", "hour", "$0.0450", "$0.0450", "$0.0000"] in rows

    def test_shows_what_depends_on_use_apart_with_what_is_assumed(self) -> None:
        screen = shown(creates=[(NAT, "a")])
        assert "Depends on use, USD per month" in screen.lines
        assert "assumed (see usage: in cygni.yaml): 100 GB/month per NAT gateway" in screen.lines

    def test_tells_each_assumption_once(self) -> None:
        logs = "aws:cloudwatch/logGroup:LogGroup"
        text = " ".join(shown(creates=[(NAT, "a"), (NAT, "b"), (logs, "c")]).text.split())
        said = text[text.index("assumed (see") : text.index("list prices")]
        assert said.count("GB/month per log group") == said.count("GB/month per NAT gateway") == 1

    def test_says_what_is_free_or_not_priced(self) -> None:
        screen = shown(creates=[(VPC, "a"), (UNPRICED, "b"), (UNPRICED, "c")])
        assert "1 resource free" in screen.text
        assert "not priced, so not in the totals: made.Thing ×2" in screen.text

    def test_never_counts_what_has_no_price_as_nothing(self) -> None:
        rows = [line.split() for line in shown(creates=[(NAT, "a"), (UNPRICED, "b")]).lines]
        at = rows.index(["Total", "$0.00", "at", "least", "$32.85", "at", "least", "+$32.85"])
        assert rows[at + 1] == ["(1", "resource", "unpriced)"] * 2
        assert rows[at + 2] == ["per", "hour", "$0.0000", "at", "least", "$0.0450", "at", "least", "+$0.0450"]

    def test_says_unknown_where_nothing_has_a_price(self) -> None:
        rows = [line.split() for line in shown(deletes=[(UNPRICED, "b")]).lines]
        assert ["Total", "unknown", "$0.00", "unknown"] in rows

    @given(st.text(min_size=1, max_size=20))
    def test_takes_no_value_for_markup(self, value: str) -> None:
        screen = shown(updates=[(VPC, "v", [PropertyChange("a", value, None)])], warnings=(f"[{value}]",))
        assert f"      a: {json.dumps(value, ensure_ascii=False)} → (none)" in screen.text

    def test_has_no_colour_where_there_is_no_terminal(self) -> None:
        assert "\x1b" not in shown(creates=[(NAT, "a")]).text


class TestSeconds:
    @pytest.mark.parametrize(
        ("text", "expected"), [("0s", 0), ("90", 90), ("90s", 90), ("15m", 900), ("2h", 7200), (" 5m ", 300)]
    )
    def test_understands_units(self, text: str, expected: float) -> None:
        assert seconds(text, "--timeout") == expected

    @pytest.mark.parametrize("text", ["0", "0s", "0h", "-5"])
    def test_is_refused_below_the_least(self, text: str) -> None:
        with pytest.raises(UsageError) as caught:
            seconds(text, "--timeout", least=1)
        assert caught.value.hint == "Give it as 90s, 15m or 2h. The least is 1s."

    @given(st.text(max_size=10))
    def test_is_a_time_or_a_usage_error(self, text: str) -> None:
        with suppress(UsageError):
            assert seconds(text, "--timeout") >= 0


class TestIncrease:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("25", WrittenIncrease(Decimal(25))),
            ("$25.50", WrittenIncrease(Decimal("25.50"), "USD")),
            ("0", WrittenIncrease(Decimal(0))),
            ("10%", WrittenIncrease(percent=Decimal(10))),
            ("2.5 %", WrittenIncrease(percent=Decimal("2.5"))),
            ("25EUR", WrittenIncrease(Decimal(25), "EUR")),
            ("0.5 EUR", WrittenIncrease(Decimal("0.5"), "EUR")),
        ],
    )
    def test_understands_amounts_and_percentages(self, text: str, expected: WrittenIncrease) -> None:
        assert increase(text, "--max-cost-increase") == expected

    @given(st.text("0123456789.$-eEUR_% ", max_size=12))
    def test_is_an_increase_or_a_usage_error(self, text: str) -> None:
        with suppress(UsageError):
            found = increase(text, "--max-cost-increase")
            assert (found.amount is None) != (found.percent is None)
            assert 0 <= (found.amount or found.percent or Decimal(0)) < 10**12

    @pytest.mark.parametrize("text", ["$10%", "$10EUR", "10eur", "10EURO", "10EUR%"])
    def test_takes_no_mixture(self, text: str) -> None:
        with pytest.raises(UsageError, match="nor a percentage"):
            increase(text, "--max-cost-increase")

    @pytest.mark.parametrize("text", ["25", "25.50EUR", "10%"])
    def test_is_written_as_it_was_read(self, text: str) -> None:
        assert increase(text, "--max-cost-increase").argument == text


def step(phase: Any, operation: str = "create", name: str = "a", kind: str = NAT) -> StepEvent:
    return StepEvent(phase, operation, urn_of("shop.local.data", kind, name), kind)


class TestProgressView:
    def test_prints_what_is_finished(self) -> None:
        screen = Screen()
        with progress_view(screen.console) as progress:
            progress.stack(Part.DATA, "up")
            for event in (step("planned"), step("done")):
                progress.event(Part.DATA, event)
            for event in (step("planned", name="b[c]"), step("failed", name="b[c]")):
                progress.event(Part.DATA, event)
        assert screen.lines == [
            "applying data",
            "  + ec2.NatGateway a  0.0s",
            "  + ec2.NatGateway b[c]  0.0s  failed",
        ]

    @pytest.mark.parametrize(
        ("operation", "sign"),
        [("update", "~"), ("create-replacement", "±"), ("delete", "-"), ("delete-replaced", "-")],
    )
    def test_has_a_sign_for_each_change(self, operation: str, sign: str) -> None:
        screen = Screen()
        with progress_view(screen.console) as progress:
            progress.stack(Part.DATA, "destroy")
            progress.event(Part.DATA, step("planned", operation))
            progress.event(Part.DATA, step("done", operation))
        assert screen.lines[1] == f"  {sign} ec2.NatGateway a  0.0s"

    def test_says_nothing_of_what_stays_or_is_no_resource(self) -> None:
        screen = Screen()
        with progress_view(screen.console) as progress:
            progress.stack(Part.DATA, "up")
            progress.event(Part.DATA, step("planned", "same"))
            progress.event(Part.DATA, step("done", "same"))
            progress.event(Part.DATA, step("done", kind="cygni:data:Bucket"))
        assert screen.lines == ["applying data"]

    def test_lists_no_steps_of_a_preview(self) -> None:
        screen = Screen()
        with progress_view(screen.console) as progress:
            progress.stack(Part.DATA, "preview")
            progress.event(Part.DATA, step("planned"))
        assert screen.lines == ["previewing data"]

    def test_passes_on_what_a_provider_says_while_it_works(self) -> None:
        screen = Screen()
        with progress_view(screen.console) as progress:
            progress.stack(Part.DATA, "up")
            progress.event(Part.DATA, DiagnosticEvent("info#err", "still [creating]"))
            progress.event(Part.DATA, DiagnosticEvent("info", "never mind"))
        assert screen.lines == ["applying data", "  still [creating]"]

    def test_tells_those_who_read_it_elsewhere_nothing_of_a_key(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(event_file, "_current", None)
        screen = Screen()
        with EventFile(new_folder(tmp_path), "cx deploy") as file, progress_view(screen.console) as progress:
            event_file.write_here(file)
            progress.stack(Part.DATA, "up")
            progress.event(Part.DATA, StoppingEvent())
        assert screen.lines[1:] == ["stopping: waiting for the engine to finish what is in flight"]

    @pytest.mark.parametrize(
        ("doing", "lines"),
        [
            (
                "up",
                [
                    "applying data",
                    "stopping: waiting for the engine to finish what is in flight (Ctrl-C again: cancel it)",
                    "cancelling what is in flight",
                ],
            ),
            ("preview", ["previewing data"]),
        ],
    )
    def test_says_at_once_that_it_stops(self, doing: str, lines: list[str]) -> None:
        screen = Screen()
        with progress_view(screen.console) as progress:
            progress.stack(Part.DATA, doing)
            progress.event(Part.DATA, StoppingEvent())
            progress.event(Part.DATA, StoppingEvent(cancelling=True))
        assert screen.lines == lines

    def test_tells_at_a_terminal_what_is_in_flight(self) -> None:
        told: list[str] = []

        class Status:
            def update(self, text: Text) -> None:
                told.append(text.plain)

        progress = ProgressView(Screen().console, Status())
        progress.stack(Part.DATA, "up")
        for name in "abcd":
            progress.event(Part.DATA, step("planned", name=name))
        progress.event(Part.DATA, step("done", name="a"))
        assert told == [
            "applying data: starting",
            "applying data: ec2.NatGateway a",
            "applying data: ec2.NatGateway a, ec2.NatGateway b",
            "applying data: ec2.NatGateway a, ec2.NatGateway b, ec2.NatGateway c",
            "applying data: ec2.NatGateway a, ec2.NatGateway b, ec2.NatGateway c and 1 more",
            "applying data: ec2.NatGateway b, ec2.NatGateway c, ec2.NatGateway d",
        ]

    def test_never_moves_more_than_one_line(self) -> None:
        told: list[str] = []

        class Status:
            def update(self, text: Text) -> None:
                told.append(text.plain)

        progress = ProgressView(Console(file=io.StringIO(), width=40), Status())
        progress.stack(Part.DATA, "up")
        progress.event(Part.DATA, step("planned", name="a-name-that-is-longer-than-most"))
        assert told[-1] == "applying data: ec2.NatGateway a-name-…"
        assert len(told[-1]) == 38

    @pytest.mark.parametrize("doing", ["preview", "up", "destroy", "recover"])
    def test_has_words_for_all_work(self, doing: str) -> None:
        screen = Screen(terminal=True)
        with progress_view(screen.console) as progress:
            progress.stack(Part.DATA, doing)
            progress.event(Part.DATA, step("planned"))
        assert screen.text


class TestOutputsView:
    OUTPUTS: ClassVar[dict[Part, dict[str, Any]]] = {
        Part.FOUNDATION: {"vpcId": "vpc-[1]", "ids": ["a", "b"], "nothing": []},
        Part.SERVICES: {"urls": {"web": "http://[lb]/"}, "later": UNKNOWN},
    }

    def test_shows_addresses_first(self) -> None:
        screen = Screen()
        show_outputs(screen.console, self.OUTPUTS)
        assert screen.lines == [
            "  services.urls.web: http://[lb]/",
            "  foundation.vpcId: vpc-[1]",
            '  foundation.ids: ["a", "b"]',
            "  services.later: (known after apply)",
        ]

    def test_gives_programs_all_of_them(self) -> None:
        assert flat_outputs(self.OUTPUTS) == {
            "foundation": {"vpcId": "vpc-[1]", "ids": ["a", "b"], "nothing": []},
            "services": {"urls": {"web": "http://[lb]/"}, "later": "(known after apply)"},
        }


class TestStatus:
    def test_shows_what_is_deployed(self, cx: Cx) -> None:
        cx.write(network={"nat": "none"})
        cx("deploy", "-y", "-e", "staging")
        ended = cx("status", "-e", "staging")
        assert (ended.code, ended.out, cx.runner.calls) == (0, "", [])
        rows = [line.split() for line in ended.err.splitlines()]
        assert ["shop", "·", "staging", "·", "us-east-1", "·", "aws"] in rows
        assert ["web", "blue", "1", "256", "/", "512", "MiB"] in rows
        assert ["mailer", "green", "0", "256", "/", "512", "MiB"] in rows
        assert [row for row in rows if "http://lb/" in row] == [["web:", "http://lb/"]]
        assert ended.err.splitlines()[-1].startswith("Cost $18.02 a month, and $")

    def test_is_one_object_for_programs(self, cx: Cx) -> None:
        cx.write(network={"nat": "none"})
        cx("deploy", "-y", "-e", "staging")
        told = cx("status", "-e", "staging", "--json").answer
        assert [stack["part"] for stack in told["stacks"]] == ["foundation", "data", "services"]
        assert told["monthly"].startswith("18.02")
        assert (told["complete"], told["missing"], told["unpriced"]) == (True, 0, {})

    def test_assumes_what_the_project_says_of_use(self, cx: Cx) -> None:
        cx.write(network={"nat": "single"}, environments={"staging": {"usage": {"nat_data_gb": 250}}})
        plan = cx("diff", "-e", "staging", "--json").answer
        said = [line["assumption"] for one in plan["cost"]["resources"] for line in one["after"]["lines"]]
        assert "250 GB/month per NAT gateway (cygni.yaml)" in said
        cx("deploy", "-y", "-e", "staging")
        more = cx("status", "-e", "staging", "--json").answer["usage_monthly"]
        cx.write(network={"nat": "single"})
        less = cx("status", "-e", "staging", "--json").answer["usage_monthly"]
        assert float(more) - float(less) == pytest.approx(150 * 0.045)

    @pytest.mark.parametrize(
        ("region", "said"), [("mx-central-1", "unknown ("), ("eu-central-1", "at least $")]
    )
    def test_never_counts_what_has_no_price_as_nothing(self, cx: Cx, region: str, said: str) -> None:
        cx.write(region=region, network={"nat": "single"})
        cx("deploy", "-y", "-e", "staging")
        told = cx("status", "-e", "staging", "--json").answer
        assert (told["complete"], told["missing"] > 0) == (False, True)
        unknown = "1 resource" if told["unknown"] == 1 else f"{told['unknown']} resources"
        last = " ".join(cx("status", "-e", "staging").err.split())
        assert f"Cost {said}" in last
        assert f"({unknown} unpriced) a month" in last
        again = " ".join(cx("deploy", "-y", "-e", "staging").err.split())
        assert f"Cost {said}" in again
        assert f"({unknown} unpriced) a month, delta $0.00." in again

    def test_of_nothing_is_an_error(self, cx: Cx) -> None:
        ended = cx("status")
        assert (ended.code, ended.out) == (6, "")
        assert "error: nothing of shop is deployed to local: " in ended.err
        assert f"{os.environ['CYGNI_DATA_DIR']}/state has no state of it" in ended.err
        assert "hint:  Deploy it with: cx deploy -e local" in ended.err

    def test_tells_a_stack_that_was_never_begun(self, cx: Cx) -> None:
        cx.runner.killed_at = "shop-local-uploads"
        cx("deploy", "-y")
        lines = cx("status").err.splitlines()
        [unfinished] = [line for line in lines if line.startswith("data ")]
        [never] = [line for line in lines if line.startswith("services ")]
        assert unfinished.rstrip().endswith("did not finish")
        assert never.rstrip().endswith("never begun")


class TestOutputs:
    @pytest.fixture(autouse=True)
    def deployed(self, cx: Cx) -> None:
        cx("deploy", "-y", "-e", "staging")

    def test_are_shown_to_people(self, cx: Cx) -> None:
        ended = cx("outputs", "-e", "staging")
        assert (ended.code, ended.out) == (0, "")
        assert "  services.urls.web: http://lb/\n" in ended.err

    def test_are_accepted_under_every_name_they_are_listed_by(self, cx: Cx) -> None:
        listed = dict(line.strip().split(": ", 1) for line in cx("outputs", "-e", "staging").err.splitlines())
        after_deploy = cx("status", "-e", "staging").err
        assert "  web: http://lb/\n" in after_deploy
        assert len(listed) >= 3
        for name, value in {**listed, "web": "http://lb/"}.items():
            assert cx("outputs", "-e", "staging", name).out == f"{value}\n"

    def test_are_one_object_for_programs(self, cx: Cx) -> None:
        told = cx("outputs", "-e", "staging", "--json").answer
        assert told["services"] == {"urls": {"web": "http://lb/"}}

    @pytest.mark.parametrize(
        ("arguments", "printed"),
        [
            (["services.urls.web"], "http://lb/\n"),
            (["services.urls.web", "--json"], '"http://lb/"\n'),
            (["services.urls"], '{"web": "http://lb/"}\n'),
            (["data"], '{"bucketNames": {"uploads": "uploads"}}\n'),
        ],
    )
    def test_can_be_asked_for_one_by_one(self, cx: Cx, arguments: list[str], printed: str) -> None:
        ended = cx("outputs", "-e", "staging", *arguments)
        assert (ended.code, ended.out, ended.err) == (0, printed, "")

    @pytest.mark.parametrize("name", ["services.url", "x", "services.urls.web.more", ""])
    def test_that_are_not_there_are_an_error_that_lists_them(self, cx: Cx, name: str) -> None:
        ended = cx("outputs", "-e", "staging", name)
        assert (ended.code, ended.out) == (6, "")
        assert "hint:  There are: services.urls.web, foundation.vpcId, data.bucketNames" in ended.err
