"""What the engine starts for `--policy-pack policies`."""

from __future__ import annotations

from policies.pack import main

main()
