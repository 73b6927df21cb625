"""Writes what is published about cygni.yaml: its JSON schema and its reference page.

python -m cygni.spec.reference --write    write both into the repository
python -m cygni.spec.reference --check    fail if what is there is not what would be written
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, get_args

from cygni.spec.fields import RESERVED_BEGINNINGS, Name, ProjectName
from cygni.spec.resolve import ENVIRONMENT_NAMES
from cygni.spec.schema import Schema, json_schema
from cygni.wording import one_of

_ROOT: Final = Path(__file__).resolve().parents[2]
_SCHEMA: Final = "docs/cygni.schema.json"
_PAGE: Final = "docs/configuration.md"
_EXAMPLE: Final = "examples/hello/cygni.yaml"
_LISTED: Final = 24  # choices a line can list; regions are told in the schema alone

_INTRODUCTION: Final = """\
<!-- Written by `python -m cygni.spec.reference --write` from the models in cygni/spec; do not edit. -->
# cygni.yaml

One file, `cygni.yaml`, at the root of a project says what runs and how environments differ. `cx` looks for it
in the working folder and then in each folder above it, up to the root of the git repository.

```yaml
{example}```

## In an editor

The [JSON schema](cygni.schema.json) lets an editor complete keys and mark mistakes. Put this on the first line,
with the path from your file to the schema:

```yaml
# yaml-language-server: $schema=../../docs/cygni.schema.json
```

## How it is read

- One YAML document, UTF-8, at most 1 MiB, 10,000 values and 50 levels. A key that is not known is an error, and
  so is a key that appears twice.
- Values are read as YAML 1.2 has them: `true` and `false` are booleans; `yes`, `no`, `on` and `off` are text, and
  in `env`, where other YAML readers would see a boolean, an error until they are in quotes. Numbers are plain
  decimals: `012`, `0x50`, `1_000` and `1:30` are not numbers.
- Where a mapping is expected, nothing stands for an empty one: `uploads:` is a bucket with all defaults.
- Anchors, aliases, merge keys (`<<`) and tags (`!!str`) are refused. What differs between environments goes under
  `environments`.
- All mistakes are told at once, each with its line and column; a mistake in one environment is told whichever is
  being deployed.
"""

_ENVIRONMENTS: Final = """\
## `environments`

{description}

Every key above may be written under an environment, except `project`. Mappings merge key by key; lists and single
values replace. `image` replaces `build`, and `build` replaces `image`. A service or bucket that only an environment
has is new in it. The top level must be complete on its own: it is what an environment without an entry is.

```yaml
environments:
  production:
    network: {{nat: per-zone}}
    services:
      web: {{count: 2}}
  preview-login: # as the top level
```
"""


_NAMES: Final = """\
## Names

Names become part of the names that things have in AWS, so they are held to what AWS takes everywhere.

- **A project**: {project}. It does not begin with {reserved}, which AWS keeps for itself.
- **A service, a bucket**: {name}.
- **An environment**: {environments}.

Where a name in AWS would be too long, Cygni cuts it and ends it with eight digits of its hash, so that two names
stay two.
"""


def main(arguments: Sequence[str] | None = None, root: Path = _ROOT) -> int:
    """Writes or checks the two files below `root`; 1 when a check finds one that is not up to date."""
    parser = argparse.ArgumentParser(
        prog="python -m cygni.spec.reference", description=(__doc__ or "").split("\n")[0]
    )
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--write", action="store_true", help="write the schema and the page")
    choice.add_argument("--check", action="store_true", help="fail if they are not up to date")
    asked = parser.parse_args(arguments)
    stale = []
    for name, content in published(root).items():
        path = root / name
        if asked.write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != content:
            stale.append(name)
    if stale:
        sys.stderr.write(f"not up to date: {', '.join(stale)}; run {parser.prog} --write\n")
    return 1 if stale else 0


def published(root: Path = _ROOT) -> dict[str, str]:
    """The content of each published file, by its path in the repository. Reads the example below `root`."""
    schema = json_schema()
    example = (root / _EXAMPLE).read_text(encoding="utf-8")
    return {
        _SCHEMA: json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
        _PAGE: reference_page(schema, example),
    }


def reference_page(schema: Schema, example: str) -> str:
    """The reference in Markdown, every key with its type, limits, default and meaning."""
    parts = [_INTRODUCTION.replace("{example}", example), _names(), "## Keys\n"]
    parts += _entries(schema, schema, "")
    parts.append(_ENVIRONMENTS.format(description=schema["properties"]["environments"]["description"]))
    return "\n".join(parts)


def _names() -> str:
    project, name = (get_args(kind)[1].says for kind in (ProjectName, Name))
    reserved = one_of([f"`{beginning}-`" for beginning in RESERVED_BEGINNINGS])
    return _NAMES.format(
        project=project,
        name=name,
        reserved=reserved,
        environments=ENVIRONMENT_NAMES.removeprefix("environments are "),
    )


def _entries(schema: Schema, section: Schema, prefix: str) -> Iterator[str]:
    for key, written in section["properties"].items():
        if key == "environments":
            continue
        path = prefix + key
        field = _resolved(schema, written)
        required = key in section.get("required", ()) or key in _required_of_some(section)
        yield f"### `{path}`\n"
        yield f"{_facts(field, required=required, kinds=_kinds(section, key))}\n"
        yield f"{field['description']}\n"
        if field.get("examples"):
            yield f"{_examples(field['examples'])}\n"
        entry = field.get("additionalProperties")
        if "properties" in field:
            yield from _entries(schema, field, f"{path}.")
        elif isinstance(entry, dict) and "$ref" in entry:
            yield from _entries(schema, _resolved(schema, entry), f"{path}.NAME.")


def _resolved(schema: Schema, field: Schema) -> Schema:
    """`field` with what it refers to; what it says itself comes first."""
    reference = field.get("$ref")
    if reference is None:
        return field
    return {**schema["$defs"][reference.removeprefix("#/$defs/")], **field}


def _conditions(section: Schema) -> Iterator[tuple[str, Schema]]:
    """What holds for the kinds of a section that has several, by kind."""
    for each in section.get("allOf", ()):
        kind = each.get("if", {}).get("properties", {}).get("kind", {}).get("const")
        if kind is not None:
            yield kind, each["then"]


def _required_of_some(section: Schema) -> set[str]:
    return {key for _, then in _conditions(section) for key in then.get("required", ())}


def _kinds(section: Schema, key: str) -> Sequence[str]:
    """The kinds that have `key`, if some have not."""
    takes = {kind: then["properties"].get(key) is not False for kind, then in _conditions(section)}
    return [] if all(takes.values()) else [kind for kind, taken in takes.items() if taken]


def _facts(field: Schema, *, required: bool, kinds: Sequence[str]) -> str:
    facts = [_type(field)]
    if "default" in field:
        facts.append(f"default {_code(field['default'])}")
    if required:
        facts.append("**required**")
    if kinds:
        facts.append(f"{' and '.join(kinds)} services only")
    return " · ".join(facts)


def _type(field: Schema) -> str:
    if len(field.get("enum", ())) > _LISTED:
        return "one of the names in the schema"
    if "enum" in field:
        return "one of " + ", ".join(_code(value) for value in field["enum"])
    kind = field["type"][0] if isinstance(field["type"], list) else field["type"]
    if kind == "integer":
        return f"whole number, {field['minimum']} to {field['maximum']}"
    if kind == "number":
        return f"number, {field['minimum']} to {field['maximum']:,}"
    if kind == "string":
        return f"text, up to {field['maxLength']} characters"
    if kind == "array":
        what = "whole numbers" if field["items"].get("type") == "integer" else "text"
        return f"list of {what}, {field.get('minItems', 0)} to {field['maxItems']} entries"
    if kind == "object" and "maxProperties" in field:
        return f"mapping by name, up to {field['maxProperties']}"
    return {"boolean": "`true` or `false`", "object": "mapping"}[kind]


def _code(value: Any) -> str:
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _examples(examples: Sequence[Any]) -> str:
    return "For example " + ", ".join(_code(example) for example in examples) + "."


if __name__ == "__main__":
    sys.exit(main())
