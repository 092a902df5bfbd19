"""Trials that staging, silver and a whole build decide: values, keys, duplicates, relations."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from arcana import lists
from trials import (
    CONTRACT,
    DAY,
    Bench,
    contents,
    expect,
    expect_equal,
    expect_told,
    record,
    trial,
)

# After trials, which puts the tests' folder on the path.
from conftest import Project, new_project  # isort: skip

# Customers of the extract that single values are planted in, and rows of its other families.
CUSTOMERS, ROWS = 400, 30
FIRST_PLANTED = 100
MODELS = {
    "clientes_desde": ("stg_erp__customers", "int_customers__screened"),
    "dados_clientes": ("stg_erp__contract_lines", "int_contract_lines__screened"),
    "mrr": ("stg_erp__mrr", "int_mrr__screened"),
    "contratacoes_ultimos_12_meses": (
        "stg_erp__purchases_last_12_months",
        "int_purchases__screened",
    ),
    "historico": ("stg_erp__proposal_items", "int_proposal_items__screened"),
    "tickets": ("stg_erp__tickets", "int_tickets__screened"),
    "nps_relacional": ("stg_erp__nps_relational", "int_nps_responses__screened"),
    "nps_transacional_suporte": ("stg_erp__nps_support", "int_nps_responses__screened"),
    "telemetria": ("stg_erp__telemetry", None),
}
SILVER = [
    *["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test", "--select"],
    *["path:models/staging", "path:models/intermediate", "path:seeds", "customer_360"],
    *["quality_labels", "quality_unknown_labels", "quality_reconciliation"],
]


@dataclass(frozen=True)
class Plant:
    """A record of which these cells are special, and what silver is to make of it.

    customer : the key where it is no ordinary one; status : row_status, None where it is not
    asked; values : staged columns and what they hold; number : of the record, for those that
    are to be equal.
    """

    family: str
    cells: dict[str, str]
    status: str | None = "kept"
    reason: str | None = None
    values: dict[str, object] = field(default_factory=dict)
    customer: str | None = None
    number: int | None = None


PLANTS: list[Plant] = []


def planted(case: int, tried: str, stated: str, *plants: Plant) -> None:
    """Register a trial of records planted into the one extract that all such trials share."""
    PLANTS.extend(plants)

    @trial(case, tried, stated)
    def _(bench):
        found = values(bench)
        for plant in plants:
            found.check(plant)
        return f"as stated, {len(plants)} of {len(plants)} records"


@dataclass(frozen=True)
class Values:
    """The extract with all planted records, landed and built up to silver."""

    project: Project

    def query(self, sql: str) -> list[tuple]:
        """Ask the build file."""
        return self.project.query(sql, self.project.data / "build/arcana.duckdb")

    def check(self, plant: Plant) -> None:
        """Hold what became of a record against what is stated."""
        staging, screened = MODELS[plant.family]
        same = [other for other in PLANTS if other.family == plant.family]
        line = 2 + _base_rows(plant.family) + same.index(plant)
        name = CONTRACT[plant.family].file_names()[0]
        place = f"file_name = '{name}' and file_line = {line}"
        told = f"{plant.family}, {plant.cells}"
        if plant.status:
            rows = self.query(
                f"select row_status, reason_code from silver.{screened} where {place}"
            )
            expect_equal(told, rows, [(plant.status, plant.reason)])
        for column, value in plant.values.items():
            rows = self.query(f"select {column} from bronze.{staging} where {place}")
            expect_equal(f"{told}, {column}", rows, [(value,)])


def _base_rows(family: str) -> int:
    return CUSTOMERS if family == "clientes_desde" else ROWS


def values(bench: Bench) -> Values:
    """Build the shared extract once."""
    if "values" not in bench.shared:
        folder = bench.folder / "values"
        raw = folder / "raw"
        raw.mkdir(parents=True)
        for name, family in CONTRACT.items():
            for number, file in enumerate(family.file_names()):
                first = number * ROWS
                rows = [record(family, first + row, DAY) for row in range(_base_rows(name))]
                if number == 0:
                    rows += _planted_rows(bench, name)
                (raw / file).write_bytes(contents(family, rows))
        project = new_project(folder, raw)
        _run(project.arcana("land", "--extract-date", DAY.isoformat()))
        _run(project.dbt("build", *SILVER))
        bench.shared["values"] = Values(project)
        _count_reconciled(bench, project)
    return bench.shared["values"]


def _planted_rows(bench: Bench, name: str) -> list[list[str]]:
    family = CONTRACT[name]
    rows = []
    for number, plant in enumerate(each for each in PLANTS if each.family == name):
        # Each has a customer of its own, as some families have one row a customer.
        first = CUSTOMERS if name == "clientes_desde" else FIRST_PLANTED
        row = record(family, first + number if plant.number is None else plant.number, DAY)

        def spoil(row=row, plant=plant):
            cells = dict(plant.cells)
            if plant.customer is not None:
                cells[family.key] = plant.customer
            for column, text in cells.items():
                row[family.column_names.index(column)] = text

        bench.fault(spoil)
        rows.append(row)
    return rows


def _run(done) -> None:
    expect(done.returncode == 0, f"did not run: {(done.stdout + done.stderr)[-800:]}")


def _count_reconciled(bench: Bench, project: Project) -> None:
    statuses = "kept_count + duplicate_count + superseded_count + later_count + set_aside_count"
    for records, found in project.query(
        f"select record_count, quarantined_count + {statuses} from quality.quality_reconciliation",
        project.data / "build/arcana.duckdb",
    ):
        bench.count(records, found)


# B. Values


def _not_readable(family: str, column: str, *texts: str) -> list[Plant]:
    return [
        Plant(
            family,
            {column: text},
            "set_aside",
            "not_readable",
            {"unreadable_value": f"{column}={text}"},
        )
        for text in texts
    ]


planted(
    28,
    "1.234,56, 1234,56, 1234.56, 1.234 in a family with dots and in one with commas",
    "a mark that is not the family's sets the row aside, nothing is guessed",
    *_not_readable("mrr", "mrr_12m", "1.234,56", "1234,56"),
    Plant("mrr", {"mrr_12m": "1234.56"}, values={"mrr_brl": Decimal("1234.56")}),
    Plant("mrr", {"mrr_12m": "1.234"}, values={"mrr_brl": Decimal("1.234")}),
    *_not_readable("dados_clientes", "vl_total_contrato", "1.234,56", "1234.56", "1.234"),
    Plant(
        "dados_clientes",
        {"vl_total_contrato": "1234,56"},
        values={"contract_value_brl": Decimal("1234.56")},
    ),
)
planted(
    29,
    "R$ 1.234,56, (123,45), a minus behind, a no-break space before",
    "decision 32: the contract has no such form, so the row is set aside; blanks are taken off",
    *_not_readable("dados_clientes", "vl_total_contrato", "R$ 1.234,56", "(123,45)", "123,45-"),
    Plant(
        "dados_clientes",
        {"vl_total_contrato": "\u00a0321,5 "},
        values={"contract_value_brl": Decimal("321.5")},
    ),
)
planted(
    30,
    "nan, inf, -Infinity, 1e400 as amounts",
    "decision 13: no number of the declared form, set aside as not_readable",
    *_not_readable("mrr", "mrr_12m", "nan", "inf", "-Infinity", "1e400"),
)
planted(
    31,
    "0x10, 1_000, 7.6, 7e0 as whole numbers",
    "set aside as not_readable; 7.0 is 7",
    *_not_readable(
        "contratacoes_ultimos_12_meses", "qtd_contratacoes_12m", "0x10", "1_000", "7.6", "7e0"
    ),
    Plant(
        "contratacoes_ultimos_12_meses",
        {"qtd_contratacoes_12m": "7.0", "vlr_contratacoes_12m": "31,5"},
        values={"purchase_count": 7, "purchase_value_brl": Decimal("31.5")},
    ),
)
planted(
    32,
    "negative MRR, purchase and contract value",
    "set aside as negative_amount; decision 22: a negative contract value is a credit and kept",
    Plant("mrr", {"mrr_12m": "-1.5"}, "set_aside", "negative_amount"),
    Plant(
        "contratacoes_ultimos_12_meses",
        {"vlr_contratacoes_12m": "-1,5"},
        "set_aside",
        "negative_amount",
    ),
    Plant(
        "dados_clientes",
        {"vl_total_contrato": "-0,1"},
        values={"contract_value_brl": Decimal("-0.1")},
    ),
)
planted(
    33,
    "amounts of 10^12 and 10^30",
    "set aside as above_maximum",
    Plant("mrr", {"mrr_12m": "1" + "0" * 12}, "set_aside", "above_maximum"),
    Plant("mrr", {"mrr_12m": "1" + "0" * 30}, "set_aside", "above_maximum"),
    Plant("dados_clientes", {"vl_total_contrato": "1" + "0" * 12}, "set_aside", "above_maximum"),
)
planted(
    34,
    "dd/mm/yyyy, dd/mm/yy, a year of two digits, 1959 where the contract says ISO",
    "only the contract's forms are read; before 1960 set aside as date_out_of_range",
    *_not_readable("tickets", "dt_criacao", "04/03/2025", "04/03/25", "25-03-04"),
    Plant("tickets", {"dt_criacao": "1959-12-31"}, "set_aside", "date_out_of_range"),
    Plant("tickets", {"dt_criacao": "1960-01-01", "bk_ticket": "c34"}),
)
planted(
    35,
    "31/02, 29/02/2023, 00/00/0000; 29/02/2024 exists",
    "decision 13: a date that is none sets the row aside as not_readable, needed or not",
    *_not_readable("tickets", "dt_criacao", "2025-02-31", "2023-02-29", "0000-00-00"),
    *_not_readable("dados_clientes", "dt_assinatura_contrato", "2025-02-31"),
    Plant("tickets", {"dt_criacao": "2024-02-29", "bk_ticket": "c35"}),
)
planted(
    36,
    "dates one and two days after the delivery",
    "one day of grace, then set aside as date_after_delivery",
    Plant(
        "nps_relacional",
        {"responded_at": "2025-03-27 00:00:00"},
        "set_aside",
        "date_after_delivery",
    ),
    Plant(
        "tickets",
        {"dt_criacao": "2025-03-28", "dt_atualizacao": "2025-03-28"},
        "set_aside",
        "date_after_delivery",
    ),
    # Of the day of grace it is not known yet, as the build looks back from the 25th.
    Plant("nps_relacional", {"responded_at": "2025-03-26 00:00:00"}, "later"),
)
planted(
    37,
    "a ticket updated the day before it was created, and the same day",
    "set aside as negative_duration; the same day is kept",
    Plant(
        "tickets",
        {"dt_criacao": "2025-03-20", "dt_atualizacao": "2025-03-19"},
        "set_aside",
        "negative_duration",
    ),
    Plant(
        "tickets",
        {"dt_criacao": "2025-03-20", "dt_atualizacao": "2025-03-20", "bk_ticket": "c37"},
        values={"created_date": DAY.replace(day=20)},
    ),
)
planted(
    39,
    "scores -1, 0, 10, 11, 7.5, text, blank",
    "set aside as nps_range or not_readable; blank is no answer and no zero",
    Plant("nps_relacional", {"resposta_nps": "-1"}, "set_aside", "nps_range"),
    Plant("nps_relacional", {"resposta_nps": "11"}, "set_aside", "nps_range"),
    Plant("nps_relacional", {"resposta_nps": "0"}, values={"score": 0}),
    Plant("nps_relacional", {"resposta_nps": "10"}, values={"score": 10}),
    *_not_readable("nps_relacional", "resposta_nps", "7.5", "dez"),
    Plant("nps_relacional", {"resposta_nps": ""}, values={"score": None}),
)


@trial(38, "negative durations and 25 hours", "decision 5: the event counts, its duration does not")
def _(bench):
    rows = values(bench).query(
        "select event_count, implausible_duration_count, distinct_event_duration"
        " from silver.int_usage__by_delivery where module_id = 'c38'"
    )
    expect_equal("events of the module", rows, [(3, 2, Decimal("86400"))])
    return "3 events, 2 durations left out, 1 of a whole day kept"


PLANTS.extend(
    Plant(
        "telemetria",
        {"eventduration": duration, "moduloid": "c38"},
        customer="T0000100",
    )
    for duration in ("-3", "90000", "86400")
)


@trial(40, "a level that no seed knows", "decision 17: OUTROS, counted as an unknown label")
def _(bench):
    rows = values(bench).query(
        "select column_name, label, row_count from quality.quality_unknown_labels"
        " where label = 'GAMES'"
    )
    expect_equal("unknown labels", rows, [("segment_label", "GAMES", 1)])
    return "counted"


PLANTS.append(Plant("dados_clientes", {"ds_segmento": "GAMES"}))


@trial(41, "silver built in Tokyo and in São Paulo", "equal tables: no clock and no time zone")
def _(bench):
    found = values(bench)
    before = _silver(found)
    zones = set()
    for zone in ("Asia/Tokyo", "America/Sao_Paulo") if bench.has_faults else ():
        zone_of = found.project.run("date", "+%z", TZ=zone).stdout.strip()
        zones.add(zone_of)
        _run(found.project.dbt("build", *SILVER, TZ=zone))
        expect(_silver(found) == before, f"silver differs in {zone}")
    expect_equal("time zones", zones, {"+0900", "-0300"})
    return "equal in both"


def _silver(found: Values) -> list[tuple]:
    whole = "cast(t as varchar)"
    tables = [
        name
        for (name,) in found.query(
            "select table_name from information_schema.tables where table_schema = 'silver'"
            " and table_name like 'int\\_%' escape '\\' order by 1"
        )
    ]
    return [
        (
            name,
            found.query(
                f"select md5(string_agg({whole}, '' order by {whole})) from silver.{name} t"
            ),
        )
        for name in tables
    ]


@trial(42, "month ends and leap days", "decision 16: complete calendar months")
def _(bench):
    cases = [
        ("2024-01-31", "2024-02-29", 0), ("2024-02-29", "2025-02-28", 11),
        ("2024-02-29", "2025-03-01", 12), ("2023-02-28", "2024-02-29", 12),
        ("2024-12-31", "2025-12-31", 12), ("2025-01-01", "2025-12-31", 11),
    ]  # fmt: skip
    cases = cases if bench.has_faults else []
    selects = " union all ".join(
        f"select '{start} {end}' as days, {{{{ months_between(\"cast('{start}' as date)\","
        f" \"cast('{end}' as date)\") }}}} as months"
        for start, end, _ in cases
    )
    expect(bool(cases), "no dates were given")
    done = values(bench).project.dbt(
        *["show", "--inline", selects, "--limit", "20", "--output", "json", "--quiet"]
    )
    _run(done)
    told = "".join(done.stdout.split())
    for start, end, months in cases:
        expect_told(told, [f'"days":"{start}{end}","months":{months}'])
    return f"{len(cases)} of {len(cases)} pairs of days"


@trial(44, "formulas and control characters in texts of lists", "prefixed with ' in text only")
def _(bench):
    texts = ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "=HYPERLINK(1)"]
    given = texts if bench.has_faults else ["text"] * len(texts)
    columns = (lists.Column("Texto", ""), lists.Column("Número", "", 2))
    made = lists.CustomerList(
        "x", "X", columns, [(lists._clean(text), Decimal("-1.50")) for text in given]
    )
    folder = Path(bench.folder, "lists")
    (path, _) = lists.write_lists([made], folder, is_synthetic=False)
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))[1:]
    expect_equal(
        "texts", [row[0] for row in rows], ["'" + " ".join(each.split()) for each in texts]
    )
    expect_equal("numbers", {row[1] for row in rows}, {"-1,50"})
    return f"{len(texts)} of {len(texts)}"


# C. Keys, duplicates, relations


@trial(46, "00123 and 123 as customers", "two keys: zeros stay, both shown")
def _(bench):
    rows = values(bench).query(
        "select customer_id, row_status from silver.int_customers__screened"
        " where customer_id in ('00123', '123') order by 1"
    )
    expect_equal("customers", rows, [("00123", "kept"), ("123", "kept")])
    return "two customers"


PLANTS.extend(Plant("clientes_desde", {}, None, customer=key) for key in ("00123", "123"))
planted(
    49,
    "keys that are none: empty, blanks, NULL, N/A, -, #N/D, #REF!, nan",
    "set aside as key_null",
    *(
        Plant("mrr", {}, "set_aside", "key_null", customer=key)
        for key in ("", "  ", "NULL", "#N/D", "nan", "#REF!", "N/A", "-")
    ),
)


@trial(
    50,
    "equal answers; equal telemetry records",
    "one answer counted, one duplicate; all events kept",
)
def _(bench):
    found = values(bench)
    rows = found.query(
        "select row_status, count(*) from silver.int_nps_responses__screened"
        " where customer_id = 'T00007' and family = 'nps_transacional_suporte' and score = 3"
        " group by 1 order by 1"
    )
    expect_equal("answers", rows, [("duplicate", 2), ("kept", 1)])
    rows = found.query(
        "select event_count, distinct_event_count from silver.int_usage__by_delivery"
        " where module_id = 'c50'"
    )
    expect_equal("events", rows, [(4, 1)])
    return "1 answer of 3; 4 events, 1 distinct"


PLANTS.extend(
    Plant("nps_transacional_suporte", {"resposta_nps": "3"}, customer="T00007", number=50)
    for _ in range(3)
)
PLANTS.extend(
    Plant("telemetria", {"moduloid": "c50"}, customer="T0000100", number=50) for _ in range(4)
)


@trial(
    51,
    "two amounts of one customer, in both orders",
    "decision 9: the larger stays whatever the order, the other is shown as key_conflict",
)
def _(bench):
    for customer in ("T00251", "T00252"):
        rows = values(bench).query(
            "select mrr_brl, row_status, reason_code from silver.int_mrr__screened"
            f" where customer_id = '{customer}' order by 1"
        )
        expect_equal(
            customer,
            rows,
            [(Decimal(5), "set_aside", "key_conflict"), (Decimal(9), "kept", None)],
        )
    return "the larger one stays, 2 of 2"


PLANTS.extend(
    Plant("mrr", {"mrr_12m": amount}, None, customer=customer)
    for customer, amounts in (("T00251", "59"), ("T00252", "95"))
    for amount in amounts
)


@trial(
    52,
    "a ticket of a customer who is delivered a month later",
    "set aside as orphan, and kept once the customer is there",
)
def _(bench):
    folder = bench.folder / "orphan"
    raw = folder / "raw"
    project = new_project(folder, raw)
    raw.mkdir()
    tickets, customers = CONTRACT["tickets"], CONTRACT["clientes_desde"]
    status = (
        "select row_status, reason_code from silver.int_tickets__screened"
        " where customer_id = 'T99999'"
    )
    found = []
    for day in (DAY, DAY.replace(month=4)):
        delivery = raw / day.isoformat()
        delivery.mkdir()
        for name in ("clientes_desde", "dados_clientes", "mrr", "tickets"):
            rows = [record(CONTRACT[name], row, day) for row in range(6)]
            (delivery / f"{name}.csv").write_bytes(contents(CONTRACT[name], rows))
        if day == DAY:
            rows = [record(tickets, row, day) for row in range(6)]
            bench.fault(lambda rows=rows: rows.append(["T99999", *record(tickets, 99, DAY)[1:]]))
            (delivery / "tickets.csv").write_bytes(contents(tickets, rows))
        else:
            rows = [record(customers, row, day) for row in range(6)]
            rows.append(["T99999", DAY.isoformat()])
            (delivery / "clientes_desde.csv").write_bytes(contents(customers, rows))
        _run(project.arcana("land"))
        _run(project.dbt("build", *SILVER))
        found.append(project.query(status, project.data / "build/arcana.duckdb"))
        _count_reconciled(bench, project)
    expect_equal("the ticket", found, [[("set_aside", "orphan")], [("kept", None)]])
    return "set aside, then kept"


@trial(
    55,
    "a customer three times in the list, with several contracts, answers and tickets",
    "one row per customer, nothing multiplied",
)
def _(bench):
    found = values(bench)
    listed = found.query(
        "select count(*) from silver.int_customers__screened where customer_id = 'T00008'"
    )
    expect_equal("rows of the list", listed, [(3,)])
    rows = found.query(
        "select count(*), count(distinct customer_id),"
        " count(*) filter (customer_id = 'T00008'),"
        " max(contract_line_count) filter (customer_id = 'T00008') from gold.customer_360"
    )
    kept = found.query(
        "select count(*) from silver.int_customers__screened where row_status = 'kept'"
    )
    expect_equal("customer_360", rows, [(kept[0][0], kept[0][0], 1, 4)])
    return "one row, 4 contract lines"


PLANTS.extend(Plant("clientes_desde", {}, None, customer="T00008") for _ in range(2))
PLANTS.extend(Plant("dados_clientes", {}, None, customer="T00008") for _ in range(3))


@trial(
    57,
    "telemetry without key and without day, built twice",
    "counted once: carried rows are not added again",
)
def _(bench):
    found = values(bench)
    sql = (
        "select customer_id is null, usage_date is null, sum(event_count)"
        " from silver.int_usage__by_delivery where module_id = 'c57' group by all order by all"
    )
    wanted = [(False, True, 1), (True, False, 2)]
    expect_equal("events", found.query(sql), wanted)
    _run(found.project.dbt("build", *SILVER))
    expect_equal("events, built again", found.query(sql), wanted)
    return "3 events, twice"


PLANTS.extend(
    Plant("telemetria", {"moduloid": "c57", "referencedatestart": day}, customer=key)
    for key, day in (("", DAY.isoformat()), ("", DAY.isoformat()), ("T0000100", ""))
)


# Whole builds


def accepted(bench: Bench) -> tuple[Project, Project]:
    """The bundled sample as a real vendor's first delivery, published, and a copy of it."""
    if "accepted" not in bench.shared:
        project = new_project(bench.folder / "accepted")
        (project.raw / "_synthetic.json").unlink()
        _run(_build(project))
        copy = project.copy(bench.folder / "accepted copy")
        bench.shared["accepted"] = (project, copy)
    project, copy = bench.shared["accepted"]
    project.put_back(copy)
    return project, copy


def _build(project: Project):
    return project.arcana("build", "--extract-date", DAY.isoformat())


def _rewrite(file: Path, change) -> None:
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    kept = [";".join(fields) for line in lines for fields in change(line.split(";"))]
    file.write_text("\n".join([header, *kept, ""]), encoding="utf-8")


def _stopped(bench: Bench, file: str, change, *words: str) -> None:
    """A second delivery is stopped, told, and what was served stays."""
    project, _ = accepted(bench)
    served = project.served_hashes()
    bench.fault(lambda: _rewrite(project.raw / file, change))
    done = _build(project)
    expect_equal("exit code", done.returncode, 1)
    expect_told(done.stderr, words)
    expect(project.served_hashes() == served, "what is served has changed")


@trial(
    26,
    "six times as many contract lines; a tenth of them",
    "decision 31: from 5 times and from a fifth on stopped",
)
def _(bench):
    _stopped(
        bench, "dados_clientes.csv", lambda fields: [fields] * 6,
        "dados_clientes: ", "--accept-data dados_clientes",
    )  # fmt: skip
    numbers = iter(range(10**7))
    _stopped(
        bench, "dados_clientes.csv", lambda fields: [fields] if next(numbers) % 10 == 0 else [],
        "dados_clientes: ", "a part of the export is missing",
    )  # fmt: skip
    return "stopped, 2 of 2"


@trial(40, "a level renamed in every row", "decision 31: from one label in twenty on stopped")
def _(bench):
    at = CONTRACT["dados_clientes"].column_names.index("ds_segmento")
    _stopped(
        bench,
        "dados_clientes.csv",
        lambda fields: [[*fields[:at], f"SEG {fields[at]}", *fields[at + 1 :]]],
        *["dados_clientes: ", "labels were renamed"],
    )
    return "stopped"


@trial(43, "MRR times 100, and times 1.1", "decision 31: 8 times stopped, 1.1 published")
def _(bench):
    def times(factor):
        return lambda fields: [[fields[0], f"{float(fields[1]) * factor:.4f}"]]

    _stopped(bench, "mrr.csv", times(100), "mrr: ", "another unit", "--accept-data mrr")
    project, _ = accepted(bench)
    bench.fault(lambda: _rewrite(project.raw / "mrr.csv", times(1.1)))
    _run(_build(project))
    return "stopped; published"


@trial(56, "the same day built twice", "no dbt snapshots: the same rows, the same registry")
def _(bench):
    project, _ = accepted(bench)
    before, stamp = project.served_hashes(), (project.serve / "build.json").stat().st_mtime_ns
    bench.fault(lambda: _run(_build(project)))
    expect((project.serve / "build.json").stat().st_mtime_ns > stamp, "was not built again")
    expect(project.served_hashes() == before, "other tables than before")
    return "equal, hash by hash"
