"""Take a landed delivery out: one that was landed under a wrong day, for instance.

Its rows and its quarantine go, all or none, and what went is written down beside the
landed tables. Nothing else needs to know: every build reads what is landed then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path

from arcana import console, families
from arcana.errors import UsageError
from arcana.families import Family
from arcana.landing.deliveries import survey
from arcana.landing.ledger import FORGOTTEN, read_ledger, table_folder, total
from arcana.landing.publish import settle, staging
from arcana.landing.reasons import LandingError
from arcana.landing.storage import Location, locate

_RECORD = "forgotten.json"
_TOLD = ("family", "file", "status", "file_hash", "bytes", "records", "landed", "quarantined")


def forget(day: date, raw: Location | Path | str, data: Location | Path | str) -> bool:
    """Take the delivery of a day out of `data`; False when none is landed.

    Its raw files are not touched. What went is recorded in
    `landing/forgotten/delivery=DAY/forgotten.json`, one entry each time.

    Raises
    ------
    UsageError
        When the raw folder still holds the delivery, which the next landing would land again.
    """
    raw, data = locate(raw), locate(data)
    settle(data)
    contract = families.load()
    landed = read_ledger(data / "landing", contract)
    delivery = landed.pop(day, None)
    if delivery is None:
        days = ", ".join(other.isoformat() for other in landed) or "none"
        console.say(f"No delivery of {day} is landed (landed are: {days}); nothing to take out.")
        return False
    if (raw / day.isoformat()).exists():
        raise UsageError(
            f"{raw / day.isoformat()} still lies there, and the next build would land it again:"
            f" take the folder out, or name it by the right day; then forget {day}."
        )
    with staging(data) as (incoming, plan):
        plan.take_out(data, day, is_last=not landed)
        kept = table_folder(data / "landing", FORGOTTEN, day)
        earlier = json.loads((kept / _RECORD).read_bytes()) if (kept / _RECORD).exists() else []
        entry = {
            "delivery_date": day.isoformat(),
            "extract_id": delivery.extract_id,
            "files": [{name: asdict(file)[name] for name in _TOLD} for file in delivery.files],
        }
        text = json.dumps([*earlier, entry], indent=1, ensure_ascii=False)
        (incoming / FORGOTTEN / _RECORD).write_bytes(f"{text}\n".encode())
        moved = f"landing/{incoming.name}/{FORGOTTEN}"
        plan.move.append((moved, f"landing/{FORGOTTEN}/delivery={day.isoformat()}"))
    console.say(
        f"The delivery of {day} is taken out: {total(delivery.files, 'landed'):,} records landed,"
        f" {total(delivery.files, 'quarantined'):,} quarantined; recorded in {kept / _RECORD}."
    )
    rest = f"looks back from {max(landed)}" if landed else "has nothing landed to read"
    console.say(f"What is published stays until the next build, which {rest} (or a newer one).")
    if _loose(raw, contract):
        console.say(
            f"The loose files in {raw} land again with it, under the day that they tell or that"
            " --extract-date says."
        )
    return True


def _loose(raw: Location, contract: Mapping[str, Family]) -> bool:
    """Whether files of a delivery lie in the raw folder without a folder of their day."""
    try:
        found = survey(raw, contract, None).deliveries
    except LandingError:
        return False
    return any(delivery.files and not delivery.is_dated for delivery in found)
