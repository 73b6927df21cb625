"""`cx` for which every environment runs on the local cloud: so that tests have more than one."""

from __future__ import annotations

import stacks.target


def _local(name: str) -> str:
    return stacks.target.LOCAL


stacks.target.target_of = _local  # before anything else has taken it

from cli.main import main  # noqa: E402

if __name__ == "__main__":
    main()
