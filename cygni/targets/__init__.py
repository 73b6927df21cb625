"""Where services run: the protocols of `cygni.releases`, implemented."""
