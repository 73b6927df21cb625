"""People: their accounts, and the sessions they are signed in with."""
