"""A delivery is of the day its files tell (decision 34), whatever a few wrong dates say."""

from __future__ import annotations

import shutil
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from landed import refused, table
from raw_files import CONTRACT, DAY, REQUIRED, contents, record, write_extract

from arcana.landing import land
from arcana.landing.dating import MAX_DAYS_AFTER_FILES, NewestDays, agree_on_day, contradiction

TICKETS = CONTRACT["tickets"]


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("25-03-2025", "2025-03-25"),
        ("25.03.2025", "2025-03-25"),
        ("20250325", "2025-03-25"),
        ("2025_03_25", "2025-03-25"),
        ("2025-3-25", "2025-03-25"),
        ("04-03-2025", "2025-03-04 or 2025-04-03"),
    ],
)
def test_a_delivery_folder_in_another_form_is_named_with_the_right_one(
    tmp_path, data, name, wanted
):
    raw = write_extract(tmp_path / "raw" / name, REQUIRED).parent
    said = refused(raw, data)
    assert (
        f"{name}/ holds a delivery, and its name is no day as YYYY-MM-DD. Name it {wanted}." in said
    )

    write_extract(raw / "2025-03-25", REQUIRED)
    assert "bad_delivery_name" in refused(raw, data)
    shutil.rmtree(raw / name)
    (raw / name).mkdir()
    land(raw, data)


def days(*counts: tuple[date, int]) -> NewestDays:
    return NewestDays.of(dict(counts))


def every_day(end: date, number: int = 60, count: int = 5) -> NewestDays:
    return days(*((end - timedelta(days=back), count) for back in range(number)))


def with_stray(found: NewestDays, *strays: date) -> NewestDays:
    return found + days(*((stray, 1) for stray in strays))


@given(
    strays=st.lists(
        st.dates(DAY + timedelta(days=15), date(9999, 12, 31)), min_size=1, max_size=3, unique=True
    ),
    families=st.integers(1, 5),
    at=st.integers(0, 4),
)
def test_stray_dates_of_one_family_never_stop_or_move_a_delivery(strays, families, at):
    newest = {str(number): every_day(DAY) for number in range(families)}
    newest[str(at % families)] = with_stray(newest[str(at % families)], *strays)

    assert agree_on_day(newest) == (DAY, None)
    assert contradiction(DAY, newest) is None


def test_the_same_sentinel_in_most_families_does_not_move_a_delivery():
    never = date(9999, 12, 31)
    newest = {name: with_stray(every_day(DAY), never) for name in "abc"}
    assert agree_on_day({**newest, "d": every_day(DAY)}) == (DAY, None)


def test_a_small_vendor_with_months_between_its_customers_is_dated_by_its_last_one():
    joined = days(*((DAY - timedelta(days=70 * back), 1) for back in range(20)))
    assert agree_on_day({"clientes_desde": joined, "dados_clientes": joined}) == (DAY, None)
    assert contradiction(DAY + timedelta(days=100), {"clientes_desde": joined}) is None


def test_many_later_records_are_still_asked_about():
    later = every_day(DAY + timedelta(days=9))
    _, problem = agree_on_day({"a": every_day(DAY), "b": every_day(DAY), "c": later})
    assert "but c later" in problem.what


@given(st.lists(st.tuples(st.dates(), st.integers(1, 9)), max_size=90), st.integers(0, 90))
def test_newest_days_add_up_however_a_file_is_cut(counts, cut):
    whole = NewestDays()
    for part in (counts[:cut], counts[cut:]):
        for day, count in part:
            whole += days((day, count))
    halves = NewestDays()
    for part in (counts[:cut], counts[cut:]):
        half = NewestDays()
        for day, count in part:
            half += days((day, count))
        halves += half
    assert whole == halves
    assert whole.dated == sum(count for _, count in counts)
    assert whole.newest == max((day for day, _ in counts), default=None)


def test_a_stray_date_lands_and_the_delivery_keeps_its_day(tmp_path, data):
    raw = write_extract(tmp_path / "raw", (*REQUIRED, "tickets"), rows=9)
    row = record(TICKETS, 77, date(2062, 1, 1))
    with (raw / "tickets.csv").open("ab") as file:
        file.write(contents(TICKETS, [row]).split(b"\n", 1)[1])
    report = land(raw, data)

    assert report.deliveries[0].day == DAY
    assert len(table(data, "tickets")) == 10
    assert any("tickets: 1 records are of a later day, up to 2062-01-01" in n for n in report.notes)
    assert not land(raw, data).is_changed


@pytest.mark.parametrize("folder", ["2024-03-25", "2026-03-25", "2027-03-25", "2052-03-25"])
def test_a_folder_of_a_day_that_its_files_contradict_is_refused(tmp_path, data, folder):
    raw = write_extract(tmp_path / "raw" / folder, (*REQUIRED, "tickets"), rows=9).parent
    said = refused(raw, data)
    assert f"wrong_delivery_date: The folder {folder} cannot be a delivery of that day" in said
    assert "clientes_desde 2025-03-25, dados_clientes 2025-03-25, tickets 2025-03-25" in said
    assert "Rename it, to 2025-03-25 for instance" in said
    assert f"--extract-date {folder}" in said

    land(raw, data, extract_date=date.fromisoformat(folder))
    assert not land(raw, data).is_changed
    assert [row["delivery_date"] for row in table(data, "extract")] == [folder]


@pytest.mark.parametrize("late", [-1, 0, 1, 20, 60, MAX_DAYS_AFTER_FILES])
def test_an_honest_folder_is_never_refused(tmp_path, data, late):
    folder = (DAY + timedelta(days=late)).isoformat()
    raw = write_extract(tmp_path / "raw" / folder, (*REQUIRED, "tickets"), rows=9).parent
    for name in ("nps_transacional_produto", "historico"):
        family = CONTRACT[name]
        rows = [record(family, row, date(2019, 1, 1)) for row in range(9)]
        (raw / folder / family.file_names()[0]).write_bytes(contents(family, rows))
    assert land(raw, data).is_changed


def test_a_folder_of_which_one_family_goes_on_longer_is_taken(tmp_path, data):
    raw = write_extract(tmp_path / "raw/2025-03-25", REQUIRED, rows=9)
    rows = [record(TICKETS, row, DAY + timedelta(days=9)) for row in range(9)]
    (raw / "tickets.csv").write_bytes(contents(TICKETS, rows))
    assert land(raw.parent, data).is_changed
