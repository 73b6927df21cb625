"""The CrossGuard pack: Cygni's policies for anybody's Pulumi program (docs/policies.md)."""
