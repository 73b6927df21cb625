"""The first run: whoever started the server, and nobody else, makes the first account and organisation."""
