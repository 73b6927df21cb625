"""Telling other programs what happened: signed requests by Standard Webhooks, repeated until they are taken."""
