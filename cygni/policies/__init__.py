"""Policies: what a plan's resources must keep to, whatever program declared them.

Rules are pure functions over `cygni.resources.Resource`. Cygni asks them about its plans in its own process; the
CrossGuard pack in `policies/` asks the same ones about anybody's Pulumi program.
"""
