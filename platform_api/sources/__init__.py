"""Folders of projects as they were sent, for deployments to begin with."""
