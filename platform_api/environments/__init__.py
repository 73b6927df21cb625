"""Environments of a project: which there are, and which ask for approval."""
