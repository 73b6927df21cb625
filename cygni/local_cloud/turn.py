"""Whose turn it is: AWS calls run one at a time, as moto's backends are plain dictionaries without locks."""

from __future__ import annotations

import threading
from typing import Final

TURN: Final = threading.Condition()
"""Held while a call runs, by the thread that may take it again. A call that waits for something lets others have
their turn meanwhile (`TURN.wait`)."""
