"""The embedded AWS of the `local` target: one background process, its limits, and a provider plugin for it."""
