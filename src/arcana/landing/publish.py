"""Make staged deliveries visible, all or none.

A run writes into a folder `.incoming-…` beside the landed tables, where no reader
looks. When everything is good it writes the list of what moves where into that
folder, and moves. A run that dies before the list leaves what was landed as it
was, and the next one sweeps its leftovers; one that dies after it is completed by
the next: every step can be done twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from pyarrow import fs

from arcana.landing.ledger import FORGOTTEN
from arcana.landing.storage import Location, move_folder

_PREFIX = ".incoming-"
_LIST = "publish.json"


@dataclass
class Plan:
    """Folders to take away, then folders to move, as paths below the data folder."""

    remove: list[str] = field(default_factory=list)
    move: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.remove or self.move)

    def take_out(self, data: Location, day: date, is_last: bool = False) -> None:
        """Take a delivery out of every landed and quarantined table; the last one with them."""
        for part in ("landing", "quarantine"):
            for info in (data / part).entries():
                name = Location(data.filesystem, info.path).name
                if name.startswith(".") or name == FORGOTTEN:
                    continue
                folder = f"{part}/{name}" + ("" if is_last else f"/delivery={day.isoformat()}")
                if info.type == fs.FileType.Directory and (data / folder).exists():
                    self.remove.append(folder)


@contextmanager
def staging(data: Location) -> Iterator[tuple[Location, Plan]]:
    """A folder to write to, and a plan that is carried out when the block ends well."""
    settle(data)
    # Whoever starts a landing holds the build's lock; the process number only
    # tells a reader of the folder whose it is.
    incoming = data / "landing" / f"{_PREFIX}{os.getpid()}"
    plan = Plan()
    try:
        yield incoming, plan
        if plan:
            listed = {"remove": plan.remove, "move": plan.move}
            (incoming / _LIST).write_bytes(json.dumps(listed, indent=1).encode())
    except BaseException:
        incoming.remove()
        raise
    _complete(data, incoming)


def settle(data: Location) -> None:
    """Complete what an interrupted run had begun to publish, sweep what it had not."""
    for info in (data / "landing").entries():
        incoming = Location(data.filesystem, info.path)
        if incoming.name.startswith(_PREFIX):
            _complete(data, incoming)


def _complete(data: Location, incoming: Location) -> None:
    listed = incoming / _LIST
    if listed.exists():
        plan = json.loads(listed.read_bytes())
        for path in plan["remove"]:
            (data / path).remove()
        for source, target in plan["move"]:
            # What is not there any more was moved before the interruption.
            if (data / source).exists():
                move_folder(data / source, data / target)
    incoming.remove()
