"""Secrets of environments: encrypted with a key of their own each, kept in versions, never shown unasked."""
