"""Invitations to an organisation: who has the token becomes a member."""
