"""What was done and refused, by whom: rows that nobody changes, each with the hash of the one before."""
