"""Preflight checks: what is in the way of a deploy, and the exact fix, before anything is changed."""
