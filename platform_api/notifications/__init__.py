"""Telling people what comes of deployments: by email, and in Slack."""
