"""Writes the generated pages of this folder again, or with --check fails when one is not up to date.

Each page is made by the code that it describes; here is only the list of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # for the other modules of this folder


def pages() -> Mapping[str, str]:
    """The content of every generated file, by its path in the repository."""
    import cli.error_reference
    import cli.reference
    import components.reference
    import cygni.actuals.document
    import cygni.doctor.reference
    import cygni.local_cloud.reference
    import cygni.local_cloud.type_table
    import cygni.plan.schema
    import cygni.policies.reference
    import cygni.policies.taggable
    import cygni.pricing.estimators
    import cygni.pricing.reference
    import cygni.pricing.report_document
    import cygni.savings.document
    import cygni.savings.reference
    import cygni.spec.reference
    from cygni.pricing import PriceBook
    from docs.guides import guides

    return {
        **guides(ROOT),
        **cygni.spec.reference.published(ROOT),
        "docs/pricing.md": cygni.pricing.reference.describe(PriceBook.load()),
        "cygni/pricing/estimators/priced_types.txt": cygni.pricing.estimators.published(),
        "docs/local-cloud-types.md": cygni.local_cloud.reference.describe(),
        "docs/resource-types.md": cygni.local_cloud.type_table.describe(),
        "docs/components.md": components.reference.describe(),
        "docs/cli.md": cli.reference.describe(),
        "docs/errors.md": cli.error_reference.describe(),
        "docs/doctor.md": cygni.doctor.reference.describe(),
        "docs/policies.md": cygni.policies.reference.describe(),
        "cygni/policies/taggable_types.txt": cygni.policies.taggable.published(),
        "docs/plan.schema.json": cygni.plan.schema.published(),
        "docs/cost.schema.json": cygni.pricing.report_document.published(),
        "docs/actual.schema.json": cygni.actuals.document.published(),
        "docs/savings.schema.json": cygni.savings.document.published(),
        "docs/savings.md": cygni.savings.reference.describe(),
    }


def main() -> int:
    """1 when a check finds a page that is not up to date."""
    parser = argparse.ArgumentParser(prog="docs/generate.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a page is not up to date"
    )
    check = parser.parse_args().check
    made = pages()
    stale = [name for name, content in made.items() if not _is(ROOT / name, content)]
    for name in stale:
        if check:
            print(f"not up to date: {name}; run `make docs`", file=sys.stderr)
        else:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(made[name], encoding="utf-8")
            print(f"written: {name}", file=sys.stderr)
    return 1 if check and stale else 0


def _is(path: Path, content: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == content


if __name__ == "__main__":
    sys.exit(main())
