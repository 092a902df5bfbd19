"""The families about what a customer does: proposals, support tickets, telemetry."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from arcana.simulate import vocabulary
from arcana.simulate.blocks import MONTH_DAYS, Block
from arcana.simulate.keys import base36
from arcana.simulate.vocabulary import Labels
from arcana.simulate.writing import thousandths_text

# --- proposals -------------------------------------------------------------

PROPOSAL_WINDOW = 365
SHARE_NEW_PROPOSAL = 0.28
SHARE_CLOUD = 0.085
# AAJ000 to AAMZZZ hold the year before the first delivery.
# Numbers are written in base 36 behind an A.
NO_PROPOSAL = 10 * 36**4
FIRST_PROPOSAL, AFTER_PROPOSALS = NO_PROPOSAL + 19 * 36**3, NO_PROPOSAL + 23 * 36**3
PROPOSALS_PER_CUSTOMER = 1.0
ITEM_VALUE = (0.62, 1.65)
QUANTITIES = {"one": 0.68, "hours": 0.013}
MANY = (9.0, 1.3)
DISCOUNTS = {15: 18, 20: 18, 30: 14, 10: 10, 25: 6, 5: 5, 40: 5, 50: 4, 3.8: 2, 60: 2, 96: 1}
SHARE_DISCOUNT = 0.21
TEMPORARY_DISCOUNTS = {15: 3, 30: 4, 40: 3, 50: 3, 20: 2, 68: 1}
SHARE_TEMPORARY = 0.038
FOR_EVER = 999
# List value: consistent, a token list price (smaller), or simply larger.
LIST_VALUES = {"consistent": 0.63, "token": 0.33, "larger": 0.04}
PRODUCT_CODES = 3_000


def proposal_items(block: Block) -> dict:
    """Rows of historico: the items of the twelve months before the delivery."""
    parts = [_items(block, step) for step in range(block.born, block.step + 1)]
    items = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    recent = items["date"] > block.day - PROPOSAL_WINDOW
    items = {name: values[recent] for name, values in items.items()}
    return _written_items(block, items)


def _items(block: Block, step: int) -> dict[str, np.ndarray]:
    """Items of proposals that appear with one delivery."""
    rng = block.rng("proposals", step)
    customers = block.customers
    first = block.days[0] - PROPOSAL_WINDOW
    since, until = block.since(step, first), block.days[step]
    counts = np.where(customers.has_proposals, customers.item_count, 0)
    if step > block.born:
        rate = counts * block.growth(step) / 12
        counts = rng.poisson(rate)
    owner = block.owners(counts)
    is_first = np.r_[True, owner[1:] != owner[:-1]][: len(owner)]
    opens = is_first | (rng.random(len(owner)) < SHARE_NEW_PROPOSAL)
    proposal = np.cumsum(opens) - 1
    of_proposal = np.flatnonzero(opens)
    # A proposal may precede the sign-up by some weeks, so `since` alone bounds it.
    days = rng.integers(1, (until - since).astype(int) + 1, len(of_proposal))
    started = customers.start[owner[of_proposal]] - 30
    dates = np.minimum(np.maximum(since + days, started), until)
    dates = block.pin_newest(dates, step)
    number = block.serials(dates, step, first, proposal_numbers(block, step))
    return {
        "owner": owner,
        "number": number[proposal],
        "item": np.arange(len(owner)) - of_proposal[proposal] + 1,
        "date": dates[proposal],
        **_item_amounts(rng, block, owner),
    }


def proposal_numbers(block: Block, step: int) -> range:
    """Numbers for the proposals of a delivery; large extracts begin further back."""
    expected = PROPOSALS_PER_CUSTOMER * block.extract_size
    width = max(AFTER_PROPOSALS - FIRST_PROPOSAL, round(3 * expected))
    if step == 0:
        return range(max(AFTER_PROPOSALS - width, NO_PROPOSAL), AFTER_PROPOSALS)
    monthly = width // 11
    return range(AFTER_PROPOSALS + (step - 1) * monthly, AFTER_PROPOSALS + step * monthly)


def _item_amounts(rng: np.random.Generator, block: Block, owner: np.ndarray) -> dict:
    customers, disguise = block.customers, block.disguise
    count = len(owner)
    draws = rng.random(count)
    many = np.rint(MANY[0] * np.exp(MANY[1] * rng.standard_normal(count)))
    quantity = np.where(draws < QUANTITIES["one"], 1, np.clip(many, 2, 5000))
    hours = draws > 1 - QUANTITIES["hours"]
    quantity = np.where(hours, np.floor(rng.gamma(2, 4, count)) + 0.5, quantity)
    # An item's worth goes with the customer's purchases, loosely.
    level = customers.purchase_value[owner] ** 0.8
    total = ITEM_VALUE[0] * level * np.exp(ITEM_VALUE[1] * rng.standard_normal(count)) + 30
    total *= np.where(rng.random(count) < 0.06, 1e-6, 1)
    price = disguise.amounts(np.maximum(disguise.centavos(total / quantity), 1))
    total = quantity * price

    def percent(choices: dict, share: float) -> np.ndarray:
        labels = Labels(choices)
        values = np.array([float(name) for name in choices])[labels.draw(rng, count)]
        return np.where(rng.random(count) < share, values, 0.0)

    discount = percent(DISCOUNTS, SHARE_DISCOUNT)
    temporary = percent(TEMPORARY_DISCOUNTS, SHARE_TEMPORARY)
    months = np.array([6, FOR_EVER, 12, 3])[rng.choice(4, count, p=[0.4, 0.3, 0.2, 0.1])]
    kind = rng.choice(3, count, p=list(LIST_VALUES.values()))
    consistent = total / (1 - discount / 100)
    full = np.select(
        [kind == 0, kind == 1], [consistent, disguise.amounts(quantity)], consistent * 1.5
    )
    return {
        "hosting": rng.random(count) < SHARE_CLOUD,
        "product": rng.choice(PRODUCT_CODES, count, p=vocabulary.zipf_weights(PRODUCT_CODES, 0.8)),
        "quantity": quantity,
        "months": np.where(temporary > 0, months, 0),
        "temporary": temporary,
        "discount": discount,
        "price": price,
        "total": total,
        "full": full,
    }


def _written_items(block: Block, items: dict[str, np.ndarray]) -> dict:
    customers, disguise = block.customers, block.disguise
    owner = items["owner"]
    number = np.char.add("A", base36(items["number"], 5)) if len(owner) else np.array([], "U6")
    return {
        "nr_proposta": pa.array(number),
        "item_proposta": items["item"],
        "dt_upload": items["date"],
        "hospedagem": vocabulary.text(("ON PREMISES", "TOTVS CLOUD"), items["hosting"].astype(int)),
        "cd_cli": pa.array(customers.key[owner]),
        "fat_faixa": vocabulary.text(vocabulary.BANDS, customers.band[owner]),
        "cd_prod": vocabulary.text(product_codes(block), items["product"]),
        "qtd": items["quantity"],
        "meses_bonif": items["months"],
        "vl_pct_desc_temp": disguise.percentages(items["temporary"]),
        "vl_pct_desconto": disguise.percentages(items["discount"]),
        "prc_unitario": items["price"],
        "vl_desconto_temporario": items["total"] * items["temporary"] / 100,
        "vl_total": items["total"],
        "vl_full": items["full"],
        "vl_desconto": items["full"] * items["discount"] / 100,
    }


# 9 is a digit, A a letter; half of the codes open with a zero.
CODE_SHAPES = {
    "9999999999": 30,
    "9A99999999": 8,
    "99A9999999": 8,
    "9999999-9": 6,
    "999999999-9": 8,
    "9999999999-9": 10,
    "AAA.99.999999": 12,
    "AAAAA.999": 8,
    "AAA.999999": 10,
}


def product_codes(block: Block) -> list[str]:
    """Codes of the products in proposals: the same in every block and delivery."""
    rng = block.streams.rng("product codes")
    shapes = Labels(CODE_SHAPES)
    codes = []
    for shape in shapes.draw(rng, PRODUCT_CODES):
        pattern = shapes.names[shape]
        drawn = rng.integers(0, 260, len(pattern))
        letters = (
            chr(65 + value % 26) if sign == "A" else str(value % 10) if sign == "9" else sign
            for sign, value in zip(pattern, drawn, strict=True)
        )
        code = "".join(letters)
        codes.append("0" + code[1:] if code[0].isdigit() and drawn[0] >= 130 else code)
    return codes


# --- tickets ---------------------------------------------------------------

FIRST_TICKET_DAY = np.datetime64("2024-01-04")
TICKET_NUMBERS = range(18_900_000, 23_000_000)
TICKETS_PER_CUSTOMER = 11
MONTHS_OF_TICKETS = 14.6
DAYS_TO_UPDATE, LONG_DAYS_TO_UPDATE = (11.5, 0.65), (45.0, 0.8)
SHARE_SAME_DAY, SHARE_LONG = 0.105, 0.11
STATUSES_OLD = {"closed": 94.2, "solved": 2.4, "hold": 2.3, "pending": 0.6, "open": 0.5}
STATUSES_NEW = {"solved": 48, "hold": 30, "pending": 10, "open": 12}
SHARE_NO_ORGANISATION = 0.004
SHARE_NO_GROUP = 0.01
SHARE_CLOSING = 0.85
TICKET_OVERLAP_DAYS = 92


def tickets(block: Block) -> dict:
    """Rows of tickets: all in the first delivery, later those touched in three months."""
    parts = [_tickets(block, block.born)]
    for step in block.later_steps:
        parts = [_closed(block, step, part) for part in parts]
        parts.append(_tickets(block, step))
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if block.step:
        recent = rows["updated"] > block.day - TICKET_OVERLAP_DAYS
        rows = {name: values[recent] for name, values in rows.items()}
    return _written_tickets(block, rows)


def _tickets(block: Block, step: int) -> dict[str, np.ndarray]:
    """Tickets that appear with one delivery."""
    rng = block.rng("tickets", step)
    customers = block.customers
    since, until = block.since(step, FIRST_TICKET_DAY - 1), block.days[step]
    counts = customers.ticket_count
    if step:
        share = (until - since).astype(int) / MONTH_DAYS / MONTHS_OF_TICKETS
        counts = rng.poisson(counts * block.growth(step) * share)
    owner = block.owners(counts)
    days = rng.integers(1, (until - since).astype(int) + 1, len(owner))
    created = np.minimum(np.maximum(since + days, customers.start[owner]), until)
    is_long = (rng.random(len(owner)) < SHARE_LONG)[:, None]
    median, deviation = np.where(is_long, LONG_DAYS_TO_UPDATE, DAYS_TO_UPDATE).T
    lag = np.floor(median * np.exp(deviation * rng.standard_normal(len(owner))))
    lag[rng.random(len(owner)) < SHARE_SAME_DAY] = 0
    updated = created + lag.astype(int)
    is_new = updated > until
    left = np.floor(rng.random(len(owner)) * ((until - created).astype(int) + 1)).astype(int)
    updated = np.where(is_new, created + left, updated)
    updated = block.pin_newest(updated, step)
    words = vocabulary.raw()
    statuses = list(vocabulary.TICKET_STATUSES)
    new = np.array([statuses.index(name) for name in STATUSES_NEW])
    old_status = Labels(STATUSES_OLD).draw(rng, len(owner))
    new_status = new[Labels(STATUSES_NEW).draw(rng, len(owner))]
    group = Labels(words["ticket_groups"]).draw(rng, len(owner))
    group[rng.random(len(owner)) < SHARE_NO_GROUP] = -1
    no_organisation = rng.random(len(owner)) < SHARE_NO_ORGANISATION
    return {
        "owner": owner,
        "anonymous": no_organisation,
        "created": created,
        "updated": updated,
        "status": np.where(is_new, new_status, old_status),
        "group": group,
        "type": Labels(words["ticket_types"]).draw(rng, len(owner)),
        "priority": Labels(words["ticket_priorities"]).draw(rng, len(owner)),
        "number": block.serials(created, step, FIRST_TICKET_DAY - 1, ticket_numbers(block, step)),
    }


def ticket_numbers(block: Block, step: int) -> range:
    """Numbers for the tickets of a delivery; large extracts need more of them."""
    expected = TICKETS_PER_CUSTOMER * block.extract_size
    width = max(len(TICKET_NUMBERS), 3 * expected)
    end = TICKET_NUMBERS.start + width
    if step == 0:
        return range(TICKET_NUMBERS.start, end)
    monthly = width // 12
    return range(end + (step - 1) * monthly, end + step * monthly)


def _closed(block: Block, step: int, rows: dict) -> dict[str, np.ndarray]:
    """Close most of the tickets that were open in the delivery before."""
    rng = block.rng("closing", step)
    since, until = block.days[step - 1], block.days[step]
    closes = (rows["status"] != 0) & (rng.random(len(rows["status"])) < SHARE_CLOSING)
    days = rng.integers(1, (until - since).astype(int) + 1, len(closes))
    return {
        **rows,
        "status": np.where(closes, 0, rows["status"]),
        "updated": np.where(closes, since + days, rows["updated"]),
    }


def _written_tickets(block: Block, rows: dict[str, np.ndarray]) -> dict:
    words = vocabulary.raw()
    return {
        "codigo_organizacao": pa.array(block.customers.key[rows["owner"]], mask=rows["anonymous"]),
        "nome_grupo": Labels(words["ticket_groups"]).text(rows["group"]),
        "tipo_ticket": Labels(words["ticket_types"]).text(rows["type"]),
        "status_ticket": vocabulary.text(vocabulary.TICKET_STATUSES, rows["status"]),
        "dt_criacao": rows["created"],
        "dt_atualizacao": rows["updated"],
        "bk_ticket": rows["number"],
        "prioridade_ticket": Labels(words["ticket_priorities"]).text(rows["priority"]),
    }


# --- telemetry -------------------------------------------------------------

STORE = "00"
PARTS = 11
WORKING_DAYS = 5
# Of 100 rows 35 are different, the rest exact repetitions.
SHARE_DISTINCT = 0.352
ROWS_AT_ONCE = 250_000
MOST_MODULES = 60
SHARE_MAIN_LINE = 0.75
LICENCE_STATES = ("Desconectado", "Conectado", "Negado", None)
LICENCE_SHARES = [0.825, 0.162, 0.013]
SHARE_USUAL_STATE = 0.93
# Customers whose licence state is never known, of the quieter half.
SHARE_NULL_STATE = 0.032
# Heavy users work in other product lines than the many: share of the heavy quarter.
HEAVY_LINES = {3: 0.45, 6: 0.15}
SHARE_ZERO_DURATION = 0.10
SHORT, LONG = (7.0, 1.6), (600.0, 1.45)
SHARE_SHORT = 0.28
SHARE_NEGATIVE_DURATION = 0.0001
SHARE_SPIKE = 0.00002
LARGEST_SPIKE, LARGEST_NEGATIVE = 1.24e11, 811_819.0
WEEKLY_DEVIATION = 0.25
# Late arrivals in a day that a later delivery holds again.
SHARE_LATE = 0.02


def telemetry(block: Block) -> Iterator[tuple[int, dict]]:
    """Rows of telemetria, some at a time, with the number of the part they belong to.

    A delivery holds the working week before its own, and once more the last day
    of the delivery before.
    """
    yield from _weeks_telemetry(block, block.step, only_last_day=False)
    if block.step > block.born:
        yield from _weeks_telemetry(block, block.step - 1, only_last_day=True)


def week_start(day: np.datetime64) -> np.datetime64:
    """Monday of the last whole working week before this day's own week."""
    # 1970-01-01 was a Thursday.
    return day - (day.astype(int) + 3) % 7 - 7


def event_counts(block: Block, step: int) -> np.ndarray:
    """Telemetry rows of every customer in the week of a delivery."""
    customers = block.customers
    weights = customers.event_weight * customers.has_usage
    if step > block.born:
        rng = block.rng("telemetry volume", step)
        weekly = np.exp(WEEKLY_DEVIATION * rng.standard_normal(len(block)))
        weights = weights * weekly * block.growth(step)
    rows = np.rint(weights * block.event_factor)
    return np.where(weights > 0, np.maximum(rows, 1), 0).astype(int)


def _weeks_telemetry(block: Block, step: int, only_last_day: bool) -> Iterator[tuple[int, dict]]:
    rng = block.rng("telemetry", step)
    use = _Usage(block)
    counts = event_counts(block, step)
    heaviest = int(np.argmax(counts)) if block.number == 0 else -1
    for owners, rows in _pieces(counts):
        events = _events(rng, use, owners, rows)
        if heaviest in owners:
            _plant_odd_durations(events, heaviest)
            heaviest = -1
        events["copies"] = _copies(rng, owners, rows, events["owner"])
        if only_last_day:
            last = events["day"] == WORKING_DAYS - 1
            events = {name: values[last] for name, values in events.items()}
            late = block.rng("late telemetry", step).random(len(events["copies"])) < SHARE_LATE
            events["copies"] = events["copies"] + late
        yield from _written_events(block, week_start(block.days[step]), events)


def _pieces(counts: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Cut the customers' rows into pieces of a bounded size: customers, and rows of each."""
    owner = np.flatnonzero(counts)
    rows = counts[owner]
    # A customer of more rows than a piece holds appears in several.
    times = -(-rows // ROWS_AT_ONCE)
    owner, full = np.repeat(owner, times), np.repeat(rows, times)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(times) - times, times)
    rows = np.minimum(full - place * ROWS_AT_ONCE, ROWS_AT_ONCE)
    piece = np.cumsum(rows) // ROWS_AT_ONCE
    for start in np.flatnonzero(np.r_[True, piece[1:] != piece[:-1]][: len(piece)]):
        chosen = piece == piece[start]
        yield owner[chosen], rows[chosen]


class _Usage:
    """What each customer of a block uses, and the state its licence is usually in."""

    def __init__(self, block: Block):
        rng = block.rng("usage")
        count = len(block)
        lines = vocabulary.raw()["telemetry_lines"]
        numbers = np.array(list(lines))
        shares = Labels({number: entry["customers"] for number, entry in lines.items()})
        main = shares.draw(rng, count)
        weight = block.customers.event_weight
        # Of a few newcomers none may use anything.
        used = weight[block.customers.has_usage]
        median, heavy = np.quantile(used, [0.5, 0.75]) if len(used) else (0.0, 0.0)
        draws = rng.random(count)
        passed = 0.0
        for heavy_line, share in HEAVY_LINES.items():
            chosen = (weight >= heavy) & (draws >= passed) & (draws < passed + share)
            main[chosen] = list(lines).index(heavy_line)
            passed += share
        any_line = shares.draw(rng, count * MOST_MODULES).reshape(count, MOST_MODULES)
        is_main = rng.random((count, MOST_MODULES)) < SHARE_MAIN_LINE
        line = np.where(is_main, main[:, None], any_line)
        modules = _modules_of_lines(lines)
        rank = (rng.random((count, MOST_MODULES)) ** 2.2 * self._sizes(modules)[line]).astype(int)
        table = np.zeros((len(lines), max(map(len, modules))), dtype=int)
        for row, of_line in enumerate(modules):
            table[row, : len(of_line)] = of_line
        self.line = numbers[line]
        self.module = table[line, rank]
        self.count = np.minimum(block.customers.module_count, MOST_MODULES)
        self.state = rng.choice(3, count, p=LICENCE_SHARES)
        self.state[(weight < median) & (rng.random(count) < SHARE_NULL_STATE)] = (
            LICENCE_STATES.index(None)
        )

    @staticmethod
    def _sizes(modules: list[list[int]]) -> np.ndarray:
        return np.array([len(of_line) for of_line in modules])


def _modules_of_lines(lines: dict) -> list[list[int]]:
    """Module numbers of each product line, the common ones first."""
    modules = []
    for entry in lines.values():
        run = range(entry["first_module"], entry["first_module"] + entry["modules"])
        modules.append(list(dict.fromkeys([*entry["common"], *run]))[: entry["modules"]])
    return modules


def _events(rng: np.random.Generator, use: _Usage, owners, rows) -> dict[str, np.ndarray]:
    """Distinct events: customer, day, module, slot, licence state, duration."""
    distinct = np.maximum(np.rint(rows * SHARE_DISTINCT), 1).astype(int)
    owner = np.repeat(owners, distinct)
    count = len(owner)
    place = (rng.random(count) ** 1.5 * use.count[owner]).astype(int)
    module = use.module[owner, place]
    kind = rng.random(count)
    slot = np.where(kind < 0.45, module % 6501, np.where(kind < 0.65, 0, 4000 + module % 40))
    usual = rng.random(count) < SHARE_USUAL_STATE
    other = rng.choice(3, count, p=LICENCE_SHARES)
    state = use.state[owner]
    return {
        "owner": owner,
        "day": rng.integers(0, WORKING_DAYS, count),
        "module": module,
        "line": use.line[owner, place],
        "slot": slot,
        "state": np.where(usual | (state == LICENCE_STATES.index(None)), state, other),
        "duration": _durations(rng, count),
        "part": rng.integers(0, PARTS, count),
    }


def _durations(rng: np.random.Generator, count: int) -> np.ndarray:
    """Durations in whole thousandths; a few are negative or absurdly long."""
    normal = rng.standard_normal(count)
    is_short = rng.random(count) < SHARE_SHORT
    short, long = SHORT[0] * np.exp(SHORT[1] * normal), LONG[0] * np.exp(LONG[1] * normal)
    duration = np.where(is_short, short, long)
    draws = rng.random(count)
    duration[draws < SHARE_ZERO_DURATION] = 0
    negative = draws > 1 - SHARE_NEGATIVE_DURATION
    duration[negative] = -LARGEST_NEGATIVE * rng.random(negative.sum()) ** 3
    spike = (draws > 0.5) & (draws < 0.5 + SHARE_SPIKE)
    duration[spike] = 1.7e9 * (1 + rng.random(spike.sum()))
    return np.rint(duration * 1000)


def _plant_odd_durations(events: dict[str, np.ndarray], owner: int) -> None:
    """Give one heavy customer the extremes, so that an extract of any size has them."""
    rows = np.flatnonzero(events["owner"] == owner)[:3]
    extremes = np.array([LARGEST_SPIKE, -LARGEST_NEGATIVE, 0.0]) * 1000
    events["duration"][rows] = extremes[: len(rows)]


def _copies(rng: np.random.Generator, owners, rows, owner: np.ndarray) -> np.ndarray:
    """How often each distinct event is written, so that every customer has its rows."""
    distinct = np.maximum(np.rint(rows * SHARE_DISTINCT), 1).astype(int)
    first = np.cumsum(distinct) - distinct
    repeated = np.repeat(np.arange(len(owners)), rows - distinct)
    place = first[repeated] + (rng.random(len(repeated)) ** 1.4 * distinct[repeated]).astype(int)
    return 1 + np.bincount(place, minlength=len(owner))


def _written_events(block: Block, monday: np.datetime64, events: dict) -> Iterator:
    """Rows per part; within a piece a part is in the order of days."""
    order = np.lexsort((events["day"], events["part"]))
    order = np.repeat(order, events["copies"][order])
    rows = {name: values[order] for name, values in events.items()}
    store_keys = np.char.add(block.customers.key, STORE)
    bounds = np.searchsorted(rows["part"], np.arange(PARTS + 1))
    columns = {
        "clienteid": pa.array(store_keys).take(pa.array(rows["owner"])),
        "eventduration": thousandths_text(rows["duration"]),
        "moduloid": pa.array(rows["module"]),
        "productlineid": pa.array(rows["line"]),
        "referencedatestart": pa.array(monday + rows["day"]).cast(pa.string()),
        "slotid": pa.array(rows["slot"]),
        "statuslicenca": vocabulary.text(LICENCE_STATES, rows["state"]),
        "tcloud": pa.nulls(len(order), pa.string()),
        "clienteprime": pa.nulls(len(order), pa.string()),
    }
    for part in range(PARTS):
        start, stop = bounds[part], bounds[part + 1]
        if stop > start:
            yield part, {name: array[start:stop] for name, array in columns.items()}
