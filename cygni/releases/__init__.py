"""Releases under live traffic: strategies, gates, and the machine that carries a release out and back.

Pure at the core (`strategy`, `gates`, `machine`), with everything that acts or waits behind `protocols`.
"""
