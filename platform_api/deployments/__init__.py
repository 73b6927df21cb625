"""Deployments: a row is the job, and what is told of it."""
