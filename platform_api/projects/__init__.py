"""Projects of an organisation."""
