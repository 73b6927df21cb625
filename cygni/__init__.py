"""The domain of Cygni: specification, prices, plans, the local cloud.

Knows no HTTP framework, no terminal and no Pulumi program.
"""

__version__ = "0.1.0"
