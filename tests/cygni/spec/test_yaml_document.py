from __future__ import annotations

import itertools
from typing import Any

import pytest

from cygni.spec.yaml_document import MAX_DEPTH, MAX_NODES, Document, Position, position_of, read_document


def value_of(text: str) -> Any:
    document = read_document(f"key: {text}")
    assert document.problems == []
    return document.data["key"]


def stopped(text: str) -> str:
    """The message of the one problem that ended the reading."""
    document = read_document(text)
    assert not document.complete
    (problem,) = document.problems
    return problem.message


class TestScalars:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("8080", 8080),
            ("-1", -1),
            ("0", 0),
            ("1.5", 1.5),
            ("1e3", 1000.0),
            ("true", True),
            ("False", False),
            ("", None),
            ("~", None),
            ("null", None),
            ("nginx:1.29", "nginx:1.29"),
            ("'8080'", "8080"),
            ('"true"', "true"),
            ("|\n  a\n  b", "a\nb"),
        ],
    )
    def test_reads_as_yaml_1_2_does(self, text: str, value: Any) -> None:
        assert value_of(text) == value
        assert type(value_of(text)) is type(value)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("yes", "true or false to YAML 1.1"),
            ("No", "true or false to YAML 1.1"),
            ("on", "true or false to YAML 1.1"),
            ("012", "leading zero"),
            ("-0755", "leading zero"),
            ("0x50", "not decimal"),
            ("0o17", "not decimal"),
            ("1:30", "base of 60"),
            ("1_000", "`_` in it"),
            ("2024-01-31", "a date"),
            ("9" * 19, "too many digits"),
            ("9" * 10_000, "too many digits"),
        ],
    )
    def test_leaves_what_readers_disagree_on_as_text(self, text: str, why: str) -> None:
        document = read_document(f"key: {text}")
        assert document.data == {"key": text}
        assert why in document.ambiguous["key",]

    def test_takes_what_is_quoted_as_it_is(self) -> None:
        document = read_document("key: 'yes'")
        assert (document.data, document.ambiguous) == ({"key": "yes"}, {})

    def test_keeps_the_text_as_it_was_written(self) -> None:
        assert read_document("key: 1.10").written["key",] == "1.10"

    @pytest.mark.parametrize(
        ("text", "name"), [(r'"a\0b"', "U+0000"), (r'"\ud800"', "U+D800"), (r'"\udfff"', "U+DFFF")]
    )
    def test_refuses_a_character_nothing_can_hold(self, text: str, name: str) -> None:
        document = read_document(f"key: {text}\nother: 1")
        assert [problem.message for problem in document.problems] == [f"holds the character {name}"]
        assert document.data == {"other": 1}
        assert document.refused == {("key",)}

    def test_joins_the_pairs_that_json_writes(self) -> None:
        assert value_of(r'"\ud83d\ude00"') == "😀"

    def test_refuses_such_a_character_in_a_key(self) -> None:
        document = read_document('"a\\0": 1\nb: 2')
        assert len(document.problems) == 1
        assert document.data == {"b": 2}

    def test_takes_keys_as_text(self) -> None:
        assert read_document("on: 1\n012: 2\n~: 3\n1.0: 4").data == {"on": 1, "012": 2, "~": 3, "1.0": 4}


class TestPositions:
    def test_counts_lines_and_columns_from_one(self) -> None:
        document = read_document("a: 1\nb:\n  c: [x, y]\n")
        assert document.keys == {("a",): (1, 1), ("b",): (2, 1), ("b", "c"): (3, 3)}
        assert document.values["a",] == Position(1, 4)
        assert document.values["b", "c"] == (3, 6)
        assert document.values["b", "c", 1] == (3, 10)

    def test_counts_characters_not_bytes(self) -> None:
        assert read_document("é: {ü: 1}").keys["é", "ü"] == (1, 5)

    def test_finds_the_position_of_a_character(self) -> None:
        assert [position_of("ab\ncd", index) for index in (0, 1, 3, 5)] == [(1, 1), (1, 2), (2, 1), (2, 3)]


class TestDuplicates:
    def test_names_both_places_and_keeps_the_first(self) -> None:
        document = read_document("a: 1\nb: 2\na: 3\n")
        (problem,) = document.problems
        assert (problem.position, problem.message) == ((3, 1), "appears twice; the first is at 1:1")
        assert document.data == {"a": 1, "b": 2}
        assert document.keys["a",] == (1, 1)

    def test_finds_one_below_a_list_and_in_a_refused_value(self) -> None:
        document = read_document("a: [{b: 1, b: 2}]\na: {c: 1, c: 2}\n")
        assert [problem.path for problem in document.problems] == [("a", 0, "b"), ("a",)]

    def test_sees_a_key_whose_value_is_null_or_refused(self) -> None:
        document = read_document("a:\na: 1\nb: !x 1\nb: 2\n")
        assert [problem.position.line for problem in document.problems] == [2, 3]
        assert document.data == {"a": None, "b": 2}

    def test_keeps_places_of_a_repeated_mapping_apart(self) -> None:
        document = read_document("a: {x: 1}\na: {x: 2, y: 3}\n")
        assert document.data == {"a": {"x": 1}}
        assert document.keys["a", "x"] == (1, 5)
        assert ("a", "y") not in document.keys


class TestRefusals:
    def refused(self, text: str) -> Document:
        document = read_document(text)
        assert document.complete
        assert document.problems
        return document

    def test_refuses_anchors_and_aliases_each_where_it_is(self) -> None:
        document = self.refused("a: &x 1\nb: *x\nc: 3\n")
        assert [problem.path for problem in document.problems] == [("a",), ("b",)]
        assert document.data == {"c": 3}

    def test_refuses_a_merge_key(self) -> None:
        document = self.refused("a: {<<: {b: 1}, c: 2}\n")
        assert document.problems[0].message == "is a merge key"
        assert document.data == {"a": {"c": 2}}

    @pytest.mark.parametrize(
        ("tag", "shown"),
        [
            ("!!python/object:os.system", "!!python/object:os.system"),
            ("!!str", "!!str"),
            ("!own", "!own"),
            ("!", "!"),
        ],
    )
    def test_refuses_a_tag(self, tag: str, shown: str) -> None:
        document = self.refused(f"a: {tag} x\nb: {tag} [x]\nc: {tag} {{x: 1}}")
        assert [problem.message for problem in document.problems] == [f'has a tag ("{shown}")'] * 3
        assert document.data == {}

    def test_refuses_an_empty_key(self) -> None:
        document = self.refused("'': 1\nb: 2")
        assert document.data == {"b": 2}

    def test_keeps_the_place_of_a_refused_entry_of_a_list(self) -> None:
        document = self.refused("a: [1, *x, 3]")
        assert document.data == {"a": [1, None, 3]}
        assert document.refused == {("a", 1)}

    def test_records_only_the_top_of_a_refused_value(self) -> None:
        assert self.refused("a: &x {b: !y {c: 1}}").refused == {("a",)}


class TestLimits:
    def test_does_not_expand_a_bomb(self) -> None:
        bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
        bomb += "".join(
            f"{b}: &{b} [{','.join(f'*{a}' for _ in range(9))}]\n" for a, b in itertools.pairwise("abcdefghi")
        )
        document = read_document(bomb)
        assert len(document.problems) > 70
        assert document.data == {}

    @pytest.mark.parametrize("part", ["[", "{a: ", "- ", "a:\n"])
    def test_refuses_nesting_beyond_the_limit(self, part: str) -> None:
        depth = MAX_DEPTH * 4000
        text = "".join(" " * level + part for level in range(200)) if part.endswith("\n") else part * depth
        assert stopped(text) == f"is nested more than {MAX_DEPTH} levels deep"

    def test_accepts_nesting_up_to_the_limit(self) -> None:
        document = read_document("[" * MAX_DEPTH + "]" * MAX_DEPTH)
        assert document.problems == []
        assert stopped("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))

    def test_refuses_more_values_than_the_limit(self) -> None:
        assert stopped("- 1\n" * MAX_NODES) == "holds more than 10,000 values"

    def test_accepts_values_up_to_the_limit(self) -> None:
        assert len(read_document("- 1\n" * (MAX_NODES - 1)).data) == MAX_NODES - 1

    @pytest.mark.parametrize("text", ["a: 1\n---\nb: 2\n", "---\n---\n", "a: 1\n...\n---\n"])
    def test_refuses_a_second_document(self, text: str) -> None:
        assert stopped(text) == "holds a second YAML document"

    @pytest.mark.parametrize("text", ["? {a: 1}\n: 2", "[a, b]: 1", "? - a\n: 1"])
    def test_refuses_a_key_that_is_no_scalar(self, text: str) -> None:
        assert stopped(text) == "has a key that is a mapping or a list"

    def test_refuses_a_key_that_is_an_alias(self) -> None:
        assert "is an alias" in stopped("*a : 1")


class TestSyntax:
    def test_says_where_the_quotes_never_end(self) -> None:
        document = read_document('a: 1\nb: "x\n')
        assert document.problems[0].position.line == 3
        assert "is not valid YAML" in document.problems[0].message

    def test_hints_at_tabs(self) -> None:
        document = read_document("a:\n\tb: 1\n")
        assert document.problems[0].position == (2, 1)
        assert "indent with spaces" in (document.problems[0].hint or "")

    def test_hints_at_an_unquoted_colon(self) -> None:
        document = read_document("a: b: c\n")
        assert (document.problems[0].position, document.problems[0].hint) == (
            (1, 5),
            "check the indentation, and put text that holds `: ` in quotes",
        )

    def test_says_where_a_nul_byte_is(self) -> None:
        document = read_document("a: 1\nb: \x00\n")
        assert document.problems[0].position == (2, 4)
        assert "U+0000" in document.problems[0].message

    @pytest.mark.parametrize(
        "text", ['a: "\\UFFFFFFFF"', "%YAML " + "9" * 5000 + ".1\n---\na: 1", "!<%FF> a", "%YAML 3.0\n---\n"]
    )
    def test_survives_what_the_scanner_does_not(self, text: str) -> None:
        assert "is not valid YAML" in stopped(text)

    @pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "~"])
    def test_knows_an_empty_document(self, text: str) -> None:
        document = read_document(text)
        assert document.empty
        assert document.complete
