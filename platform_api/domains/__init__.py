"""Names of organizations: that they are theirs, and certificates for them."""
