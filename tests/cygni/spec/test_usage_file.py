"""cygni-usage.yaml, read or refused with the line that is wrong."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygni.errors import NotFound, SpecError
from cygni.pricing.usage_profiles import Profile
from cygni.pricing.usage_rules import UsageFile, UsageRules
from cygni.resources import Resource
from cygni.spec import parse_spec
from cygni.spec.usage_file import load_usage, parse_usage, project_usage

WHOLE = """\
version: 1
profile: medium
types:
  s3.Bucket: {s3_storage_gb: 500}
resources:
  "*-uploads":
    s3_storage_gb: 1234.5
    s3_read_requests: 1e6
measured:
  until: 2026-11-20
  days: 30
  resources:
    "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::a":
      s3_storage_gb: 0.1
"""


class TestParseUsage:
    def test_reads_every_part_exactly(self) -> None:
        found = parse_usage(WHOLE, "it.yaml")
        assert found.profile is Profile.MEDIUM
        assert [(one.pattern, dict(one.amounts)) for one in found.types] == [
            ("s3.Bucket", {"s3_storage_gb": Decimal(500)})
        ]
        assert found.resources[0].amounts == {
            "s3_storage_gb": Decimal("1234.5"),
            "s3_read_requests": Decimal(10**6),
        }
        assert found.measured is not None
        assert (found.measured.until, found.measured.days) == (date(2026, 11, 20), 30)
        assert [dict(one) for one in found.measured.amounts.values()] == [{"s3_storage_gb": Decimal("0.1")}]

    @pytest.mark.parametrize(
        "text", ["", "# nothing yet\n", "version: 1\n", "version: 1\ntypes:\nresources:\n"]
    )
    def test_may_say_nothing(self, text: str) -> None:
        assert parse_usage(text, "cygni-usage.yaml") == UsageFile()

    def test_knows_what_the_file_is_called(self) -> None:
        assert parse_usage("version: 1\n", "conf/uf7.yaml").name == "uf7.yaml"

    def test_says_what_costs_at_most(self) -> None:
        text = "version: 1\ntypes: {x.*: {at_most: 25.5}}\nresources: {quiet: {at_most: 0, nat_data_gb: 3}}\n"
        rules = UsageRules(parse_usage(text, "it.yaml"))
        loud, quiet = (
            rules.for_resource(Resource(f"urn:x::{name}", "acme:x/y:Y", name, {}, "us-east-1"))
            for name in ("loud", "quiet")
        )
        assert (loud.at_most, quiet.at_most) == (Decimal("25.5"), Decimal(0))
        assert quiet.amount("nat_data_gb") == 3

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (
                "version: 1\nmeasured: {days: 3, until: 2026-01-01, resources: {a: {at_most: 1}}}\n",
                "at_most: is nothing that is assumed",
            ),
            ("version: 1\ntypes:\n  a:\n    at_most: -1\n", "it.yaml:4:5"),
            ("- a\n", "it.yaml:1:1: is no mapping"),
            ("version: 2\n", "it.yaml:1:1: version: is 2"),
            ("profile: small\n", "version: is nothing"),
            ("version: 1\nprofile: huge\n", 'it.yaml:2:1: profile: is "huge"'),
            (
                "version: 1\nresource:\n  a: {}\n",
                "it.yaml:2:1: resource: is no key of this file",
            ),
            (
                "version: 1\ntypes:\n  a:\n    s3_storage: 1\n",
                "it.yaml:4:5: types.a.s3_storage: is nothing that is assumed",
            ),
            ("version: 1\ntypes:\n  a:\n    s3_storage_gb: -1\n", "it.yaml:4:5"),
            ("version: 1\ntypes:\n  a:\n    s3_storage_gb: 1e13\n", "it.yaml:4:5"),
            ("version: 1\ntypes:\n  a:\n    s3_storage_gb: lots\n", 'is "lots"'),
            ("version: 1\ntypes:\n  a:\n    s3_storage_gb: true\n", "is true"),
            ("version: 1\ntypes:\n  a: 5\n", "types.a: is no mapping"),
            ("version: 1\ntypes: [a]\n", "types: is no mapping"),
            ("version: 1\nmeasured: {days: 3}\n", "measured: lacks `until`"),
            ("version: 1\nmeasured: {days: 0, until: 2026-01-01}\n", "measured: lacks"),
            ("version: 1\nversion: 1\n", "appears twice"),
            ("version: 1\n\tbad: 1", "is not valid YAML"),
        ],
    )
    def test_tells_where_what_is_wrong(self, text: str, says: str) -> None:
        with pytest.raises(SpecError) as caught:
            parse_usage(text, "it.yaml")
        assert says in caught.value.message
        assert caught.value.hint

    @settings(max_examples=100)
    @given(
        st.lists(
            st.sampled_from([*WHOLE.splitlines(), "  a: {", "\t", "types: {}", "x: &a 1", "- 1"]), max_size=12
        )
    )
    def test_reads_or_refuses_anything(self, lines: list[str]) -> None:
        with suppress(SpecError):
            assert isinstance(parse_usage("\n".join(lines), "it.yaml"), UsageFile)


class TestLoadUsage:
    def test_says_what_writes_a_file_where_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound) as caught:
            load_usage(tmp_path / "nonexist.yaml")
        assert caught.value.hint == "let `cx cost usage init` write one"

    def test_of_a_folder_names_the_file_that_may_be_in_it(self, tmp_path: Path) -> None:
        with pytest.raises(SpecError) as caught:
            load_usage(tmp_path)
        assert caught.value.hint is not None
        assert caught.value.hint.endswith("/cygni-usage.yaml")

    def test_of_an_alias_does_not_speak_of_another_file(self, tmp_path: Path) -> None:
        path = tmp_path / "uf7.yaml"
        path.write_text("version: 1\ntypes: {a: &x {nat_data_gb: 1}, b: *x}\n")
        with pytest.raises(SpecError, match="is an alias") as caught:
            load_usage(path)
        assert "cygni.yaml" not in caught.value.message


class TestProjectUsage:
    def test_lets_cygni_yaml_say_more_than_a_profile_where_it_says_anything(self, tmp_path: Path) -> None:
        (tmp_path / "cygni-usage.yaml").write_text("version: 1\nprofile: large\n")
        text = "project: shop\nregion: us-east-1\nusage: {nat_data_gb: 100, free_tier: true}\n"
        rules = project_usage(parse_spec(text, "cygni.yaml", "local"), tmp_path)
        found = rules.for_resource(
            Resource("urn:x::n", "aws:ec2/natGateway:NatGateway", "n", {}, "us-east-1")
        )
        assert (found.amount("nat_data_gb"), found.amount("alb_lcus")) == (Decimal(100), Decimal(20))
        assert found.free_tier
        assert found.describe("nat_data_gb") == "100 GB/month per NAT gateway (cygni.yaml)"

    def test_needs_no_file(self, tmp_path: Path) -> None:
        spec = parse_spec("project: shop\nregion: us-east-1\n", "cygni.yaml", "local")
        assert project_usage(spec, tmp_path).file == project_usage(spec, None).file == UsageFile()
