"""A landed delivery can be taken out, whole, told and recorded."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from landed import table
from raw_files import CONTRACT, REQUIRED, write_extract

from arcana.errors import UsageError
from arcana.landing import forget, land
from arcana.landing.storage import Location


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def landed_days(data: Path) -> set[str]:
    return {path.name for path in (data / "landing").glob("*/delivery=*")} | {
        path.name for path in (data / "quarantine").glob("*/delivery=*")
    }


@pytest.fixture
def slipped(tmp_path, data):
    """A delivery that was landed under 2027, and then again under its own day."""
    raw = tmp_path / "raw"
    write_extract(raw / "2027-03-25", (*REQUIRED, "telemetria"))
    with (raw / "2027-03-25/mrr.csv").open("ab") as file:
        file.write(b"ragged\n")
    land(raw, data, extract_date=date(2027, 3, 25))
    (raw / "2027-03-25").rename(raw / "2025-03-25")
    return raw


def test_a_delivery_that_lies_no_longer_there_is_named_in_one_line(slipped, data):
    notes = [note for note in land(slipped, data).notes if "no longer in the raw folder" in note]
    assert len(notes) == 1
    assert "2027-03-25" in notes[0]
    assert "2025-03-25" not in notes[0]
    assert "arcana land --forget DAY" in notes[0]


def test_a_delivery_is_taken_out_told_and_recorded(slipped, data, capsys, tmp_path):
    land(slipped, data)
    capsys.readouterr()

    assert forget(date(2027, 3, 25), slipped, data)
    said = capsys.readouterr().err
    assert "The delivery of 2027-03-25 is taken out: 42 records landed, 1 quarantined" in said
    assert "looks back from 2025-03-25" in said
    record_file = data / "landing/forgotten/delivery=2027-03-25/forgotten.json"
    (entry,) = json.loads(record_file.read_text())
    assert {"family": "mrr", "records": 4, "landed": 3, "quarantined": 1}.items() <= next(
        file.items() for file in entry["files"] if file["family"] == "mrr"
    )
    record_file.unlink()
    record_file.parent.rmdir()
    assert landed_days(data) == {"delivery=2025-03-25"}
    assert not any("no longer in the raw" in note for note in land(slipped, data).notes)
    # What is left is what a landing without the slip gives, but for how it is told.
    land(slipped, tmp_path / "clean")
    for name in CONTRACT:
        assert table(data, name) == table(tmp_path / "clean", name)
        assert table(data, name, "quarantine") == table(tmp_path / "clean", name, "quarantine")


def test_a_delivery_that_is_not_landed_is_told_and_nothing_changes(slipped, data, capsys):
    land(slipped, data)
    for _ in range(2):
        forget(date(2027, 3, 25), slipped, data)
    assert "No delivery of 2027-03-25 is landed (landed are: 2025-03-25)" in capsys.readouterr().err


def test_a_delivery_that_lies_in_the_raw_folder_is_not_forgotten(slipped, data):
    land(slipped, data)
    before = landed_days(data)
    with pytest.raises(UsageError, match="still lies there"):
        forget(date(2025, 3, 25), slipped, data)
    assert landed_days(data) == before


def test_the_last_delivery_can_be_taken_out_and_landed_again(slipped, data, tmp_path):
    land(slipped, data)
    forget(date(2027, 3, 25), slipped, data)
    shutil.move(slipped / "2025-03-25", tmp_path / "aside")
    forget(date(2025, 3, 25), slipped, data)
    assert {path.name for path in (data / "landing").iterdir()} == {"forgotten"}

    shutil.move(tmp_path / "aside", slipped / "2025-03-25")
    land(slipped, data)
    assert len(table(data, "mrr", delivery="2025-03-25")) == 3
    shutil.move(slipped / "2025-03-25", tmp_path / "aside")
    forget(date(2025, 3, 25), slipped, data)
    record_file = data / "landing/forgotten/delivery=2025-03-25/forgotten.json"
    assert len(json.loads(record_file.read_text())) == 2


@pytest.mark.parametrize("removed", [0, 5, 15])
def test_taking_out_that_was_cut_off_is_completed_by_the_next_run(
    slipped, data, monkeypatch, removed
):
    land(slipped, data)
    honest, calls = Location.remove, []

    def dying(self):
        if "delivery=2027" in self.path:
            if len(calls) == removed:
                raise KeyboardInterrupt
            calls.append(self.path)
        honest(self)

    monkeypatch.setattr(Location, "remove", dying)
    with pytest.raises(KeyboardInterrupt):
        forget(date(2027, 3, 25), slipped, data)
    monkeypatch.setattr(Location, "remove", honest)

    assert not land(slipped, data).is_changed
    shutil.rmtree(data / "landing/forgotten")
    assert landed_days(data) == {"delivery=2025-03-25"}


def test_loose_files_are_said_to_land_again(tmp_path, data, capsys):
    raw = write_extract(tmp_path / "raw", REQUIRED)
    land(raw, data, extract_date=date(2027, 3, 25))
    forget(date(2027, 3, 25), raw, data)
    assert f"The loose files in {raw} land again" in capsys.readouterr().err

    assert land(raw, data).deliveries[0].day == date(2025, 3, 25)
    assert landed_days(data) >= {"delivery=2025-03-25"}
    assert [row["delivery_date"] for row in table(data, "extract")] == ["2025-03-25"]


def test_many_deliveries_that_lie_no_longer_there_are_told_as_a_range(tmp_path, data):
    raw = tmp_path / "raw"
    for month in range(4, 11):
        day = date(2025, month, 25)
        write_extract(raw / day.isoformat(), REQUIRED, day=day)
    land(raw, data)
    shutil.rmtree(raw)
    write_extract(raw / "2025-11-25", REQUIRED, day=date(2025, 11, 25))
    (said,) = [note for note in land(raw, data).notes if "no longer in" in note]
    assert "7 deliveries, 2025-04-25 to 2025-10-25" in said
