"""What AWS billed beside what was estimated: periods, bills, estimates in force, and how far they lie apart.

Pure: nothing here talks to a cloud or a terminal. Money is USD, exact decimals.
"""
