"""Roles that an organisation makes of permissions, besides those that are always there."""
