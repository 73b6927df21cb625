"""Subscriptions: which plan holds for an organisation, and from when on."""
