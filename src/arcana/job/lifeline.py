"""A process that ends when the one that started it does, however that one ended.

The starter holds the write end of the child's standard input, and no other process does; the
kernel closes it when the starter is gone, killed or not. The child reads until then.
"""

from __future__ import annotations

import os
import threading

STANDARD_INPUT = 0


def end_with_starter() -> threading.Event:
    """End this process, at once and with exit code 1, when its standard input ends.

    Returns an event that is set when the starter wrote something there.
    """
    ended = threading.Event()

    def read() -> None:
        # Not by sys.stdin: its lock, held here, would stop the interpreter from ending.
        while os.read(STANDARD_INPUT, 4096):
            ended.set()
        os._exit(1)

    threading.Thread(target=read, daemon=True, name="lifeline").start()
    return ended
