"""The families about what a customer has bought: sign-up, contracts, revenue, purchases."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from arcana.simulate import vocabulary
from arcana.simulate.blocks import Block
from arcana.simulate.population import profile_labels, segments
from arcana.simulate.vocabulary import (
    ACTIVE,
    CANCELLED,
    FREE,
    NO_STATUS,
    PENDING,
    STATUSES,
    SUSPENDED,
    SWAPPED,
    TO_BILL,
    Grouped,
    Labels,
)
from arcana.simulate.writing import exact_text

# Shares of all lines, where the persona says nothing.
OTHER_STATUSES = {PENDING: 0.010, SUSPENDED: 0.0017, TO_BILL: 0.00012, NO_STATUS: 0.0021}
# Purchases of one or two centavos in all.
SHARE_TOKEN_PURCHASES = 0.065
# Token price: one centavo, the most common value of a line.
TOKEN_SHARE = {ACTIVE: 0.10, CANCELLED: 0.07, SWAPPED: 0.02, FREE: 0.40}
# Median of a line that is no token, in the customer's mean active line.
LINE_FACTOR = {ACTIVE: 0.45, CANCELLED: 0.35, SWAPPED: 1.5, PENDING: 0.5, SUSPENDED: 0.5}
LINE_DEVIATION = 1.5
FREE_LINE = (0.3, 2.0)
SHARE_GIANT_FREE_LINES = 0.00002
SHARE_NEGATIVE = 0.0005
# A customer's lines go mostly to its main product line, brand and commercial model.
SHARE_MAIN = {"line": 0.55, "brand": 0.45, "model": 0.5}
SHARE_NO_MODEL = {"few lines": 0.42, "many lines": 0.03}
FEW_LINES = 9
SHARE_NO_BRAND = 0.0038
SHARE_NO_PERIODICITY = 0.0003
SHARE_NO_SUBSEGMENT = 0.0002
SHARE_OTHER_BAND = 0.015
SHARE_REPEATED_LINES = 0.01
# Lines are rather signed early in a customer's life.
SIGNED_EARLY = 1.3
# One product is the most common whatever the line.
COMMON_PRODUCT, SHARE_COMMON_PRODUCT = "SMS TOTVS TEC USER", 0.03
# In a later delivery: active lines that end, and lines a growing customer signs.
SHARE_ENDING = 0.004
LINES_OF_GROWTH = 3

KIND_OF_LINE = {"CDU": "CDU", "SMS": "SMS", "SAA": "SAAS", "CLO": "SAAS"}


def signups(block: Block) -> dict:
    """Rows of clientes_desde."""
    customers = block.customers
    return {"cliente": pa.array(customers.key), "cliente_desde": customers.start}


def recurring_revenue(block: Block) -> dict:
    """Rows of mrr, in random order: an average of twelve months, so not whole centavos."""
    rng = block.rng("mrr")
    customers = block.customers
    amounts = customers.mrr.copy()
    amounts[rng.random(len(block)) < 0.0008] = 0
    has_mrr = customers.has_mrr.copy()
    for step in block.later_steps:
        change = block.change(step)
        amounts *= change.mrr_drift * np.where(change.growing, 1.8, 1.0)
        has_mrr &= ~change.leaving
    rows = rng.permutation(len(block))
    rows = rows[has_mrr[rows]]
    yearly = block.disguise.centavos(amounts[rows] * 12)
    return {
        "cliente": pa.array(customers.key[rows]),
        "mrr_12m": exact_text(block.disguise.amounts(yearly) / 12),
    }


def purchases(block: Block) -> dict:
    """Rows of contratacoes_ultimos_12_meses; customers without purchases are absent."""
    customers = block.customers
    rng = block.rng("purchases")
    count, value = customers.purchase_count.copy(), customers.purchase_value.copy()
    draws = rng.random(len(block))
    tokens = block.disguise.amounts(1 + (rng.random(len(block)) < 0.3))
    value = np.where(draws < SHARE_TOKEN_PURCHASES, tokens, value)
    value[draws > 1 - 0.0005] = 0
    present = customers.has_purchases.copy()
    for step in block.later_steps:
        present, count, value = _purchases_after(block, step, present, count, value)
    rows = np.flatnonzero(present)
    return {
        "cd_cliente": pa.array(customers.key[rows]),
        "qtd_contratacoes_12m": np.minimum(count[rows], 60),
        "vlr_contratacoes_12m": block.disguise.amounts(block.disguise.centavos(value[rows])),
    }


def _purchases_after(block: Block, step: int, present, count, value):
    """What a month adds to purchases, and what falls out of the twelve months."""
    rng = block.rng("purchases", step)
    change = block.change(step)
    fades = (rng.random(len(block)) < 0.02) | change.leaving
    buys = (rng.random(len(block)) < 0.01) | change.growing
    bought = block.customers.purchase_value * np.exp(0.5 * rng.standard_normal(len(block)))
    kept = present & ~fades
    count = np.where(kept, count + buys, 1)
    value = np.where(kept, value, 0) + np.where(buys, bought, 0)
    return kept | buys, count, value


def contract_lines(block: Block) -> dict:
    """Rows of dados_clientes: every customer has lines, in the order of customers."""
    lines = _first_lines(block)
    for step in block.later_steps:
        lines = _lines_after(block, step, lines)
    order = np.argsort(lines["owner"], kind="stable")
    return _written(block, {name: values[order] for name, values in lines.items()})


def _first_lines(block: Block) -> dict[str, np.ndarray]:
    rng = block.rng("contract lines")
    customers = block.customers
    owner = block.owners(customers.line_count)
    status = _statuses(rng, block, owner)
    lines = {"owner": owner, "status": status, "centavos": _values(rng, block, owner, status)}
    lines |= _labels(rng, block, owner)
    # The first line was signed on the day of sign-up.
    until = block.days[block.born]
    elapsed = rng.random(len(owner)) ** SIGNED_EARLY
    is_first = np.r_[True, owner[1:] != owner[:-1]]
    elapsed[is_first] = 0
    tenure = (until - customers.start[owner]).astype(int)
    lines["signed"] = customers.start[owner] + np.floor(elapsed * (tenure + 1)).astype(int)
    lines["signed"] = block.pin_newest(lines["signed"], block.born)
    repeated = np.flatnonzero(rng.random(len(owner)) < SHARE_REPEATED_LINES)
    return {name: np.concatenate([values, values[repeated]]) for name, values in lines.items()}


def _lines_after(block: Block, step: int, lines: dict) -> dict[str, np.ndarray]:
    """What a month does to contracts: some end, growing customers sign new ones."""
    rng = block.rng("contract lines", step)
    change = block.change(step)
    ends = change.leaving[lines["owner"]] | (rng.random(len(lines["owner"])) < SHARE_ENDING)
    status = np.where(ends & (lines["status"] == ACTIVE), CANCELLED, lines["status"])
    owner = np.repeat(np.flatnonzero(change.growing), LINES_OF_GROWTH)
    mean_line = block.customers.active_value[owner] / block.customers.line_count[owner]
    amounts = mean_line * np.exp(rng.standard_normal(len(owner)))
    since, until = block.days[step - 1], block.days[step]
    new = {
        "owner": owner,
        "status": np.full(len(owner), ACTIVE),
        "centavos": np.maximum(block.disguise.centavos(amounts), 1),
        **_labels(rng, block, owner),
        "signed": since + rng.integers(1, (until - since).astype(int) + 1, len(owner)),
    }
    new["signed"] = block.pin_newest(new["signed"], step)
    lines = {**lines, "status": status}
    return {name: np.concatenate([values, new[name]]) for name, values in lines.items()}


def _statuses(rng: np.random.Generator, block: Block, owner: np.ndarray) -> np.ndarray:
    customers = block.customers
    shares = {
        CANCELLED: customers.cancelled_share[owner],
        SWAPPED: customers.swapped_share[owner],
        FREE: customers.free_share[owner],
        **OTHER_STATUSES,
    }
    draws = rng.random(len(owner))
    status = np.full(len(owner), ACTIVE)
    passed = np.zeros(len(owner))
    for code, share in shares.items():
        status[(draws >= passed) & (draws < passed + share)] = code
        passed = passed + share
    # A customer that pays has at least one active line, one that left has none.
    is_first = np.r_[True, owner[1:] != owner[:-1]]
    status[is_first & customers.has_active[owner]] = ACTIVE
    status[(status == ACTIVE) & ~customers.has_active[owner]] = CANCELLED
    return status


def _values(rng: np.random.Generator, block: Block, owner, status) -> np.ndarray:
    """Values in true centavos. A customer's active lines add up to its active value."""
    customers = block.customers
    spread = np.exp(LINE_DEVIATION * rng.standard_normal(len(owner)))
    draws = rng.random(len(owner))
    is_first = np.r_[True, owner[1:] != owner[:-1]]
    is_token = np.zeros(len(owner), dtype=bool)
    for code, share in TOKEN_SHARE.items():
        is_token |= (status == code) & (draws < share) & ~is_first
    is_active = (status == ACTIVE) & ~is_token
    weight = np.where(is_active, spread, 0)
    total = np.bincount(owner, weight, len(block))
    active_lines = np.maximum(np.bincount(owner, is_active, len(block)), 1)
    mean_line = customers.active_value / active_lines
    factor = np.zeros(len(STATUSES))
    for code, of_mean in LINE_FACTOR.items():
        factor[code] = of_mean
    factor[[TO_BILL, NO_STATUS]] = LINE_FACTOR[ACTIVE]
    amounts = mean_line[owner] * factor[status] * spread
    share = weight / np.where(total > 0, total, 1)[owner]
    amounts = np.where(is_active, customers.active_value[owner] * share, amounts)
    free = FREE_LINE[0] * np.exp(FREE_LINE[1] * rng.standard_normal(len(owner)))
    free[rng.random(len(owner)) < SHARE_GIANT_FREE_LINES] = 1.2e6
    amounts = np.where(status == FREE, free, amounts)
    centavos = np.maximum(block.disguise.centavos(amounts), 1)
    centavos[is_token] = 1
    negative = rng.random(len(owner)) < SHARE_NEGATIVE
    centavos[negative] = -rng.integers(1, 31, negative.sum())
    return centavos


def _labels(rng: np.random.Generator, block: Block, owner: np.ndarray) -> dict[str, np.ndarray]:
    """Draw product, product line, brand, model, periodicity and band of every line."""
    words = vocabulary.raw()
    customers = block.customers
    main = _main_labels(block)

    def mixed(name: str, general: Labels) -> np.ndarray:
        is_main = rng.random(len(owner)) < SHARE_MAIN[name]
        return np.where(is_main, main[name][owner], general.draw(rng, len(owner)))

    line = mixed("line", Labels(words["product_lines"]))
    names, kinds = vocabulary.products()
    kind = np.array([kinds[KIND_OF_LINE.get(name[:3], "OTHER")] for name in words["product_lines"]])
    brand = mixed("brand", Labels(words["brands"]))
    brand[rng.random(len(owner)) < SHARE_NO_BRAND] = -1
    periodicity = Labels(words["periodicities"]).draw(rng, len(owner))
    periodicity[rng.random(len(owner)) < SHARE_NO_PERIODICITY] = -1
    product = names.draw(rng, kind[line])
    common = rng.random(len(owner)) < SHARE_COMMON_PRODUCT
    product[common] = names.names.index(COMMON_PRODUCT)
    subsegment = customers.subsegment[owner]
    subsegment[rng.random(len(owner)) < SHARE_NO_SUBSEGMENT] = -1
    strays = rng.random(len(block)) < SHARE_OTHER_BAND
    other_band = np.where(strays, rng.integers(0, 4, len(block)), customers.band)
    is_other = rng.random(len(owner)) < 0.2
    model = mixed("model", _models(SHARE_NO_MODEL["many lines"]))
    return {
        "line": line,
        "product": product,
        "brand": brand,
        "model": model,
        "periodicity": periodicity,
        "subsegment": subsegment,
        "band": np.where(is_other, other_band[owner], customers.band[owner]),
    }


def _models(share_none: float) -> Labels:
    return Labels(vocabulary.with_nulls(vocabulary.raw()["commercial_models"], share_none))


def _main_labels(block: Block) -> dict[str, np.ndarray]:
    """Each customer's main product line, brand and commercial model."""
    words = vocabulary.raw()
    rng = block.rng("main labels")
    customers = block.customers
    line = Labels(words["product_lines"]).draw(rng, len(block))
    in_hotels = customers.segment == segments().index("HOSPITALITY")
    of_hotels = Labels(words["hospitality_product_lines"])
    positions = np.array([list(words["product_lines"]).index(name) for name in of_hotels.names])
    line = np.where(in_hotels, positions[of_hotels.draw(rng, len(block))], line)

    brands = list(words["brands"])
    by_segment = {
        number: words["brands_of_segment"].get(segment, words["brands"])
        for number, segment in enumerate(segments())
    }
    grouped = Grouped(by_segment)
    positions = np.array([brands.index(name) for name in grouped.names])
    brand = positions[grouped.draw(rng, customers.segment)]
    any_brand = Labels(words["brands"]).draw(rng, len(block))
    brand = np.where(rng.random(len(block)) < 0.6, brand, any_brand)

    few = customers.line_count < FEW_LINES
    model_few = _models(SHARE_NO_MODEL["few lines"]).draw(rng, len(block))
    model_many = _models(SHARE_NO_MODEL["many lines"]).draw(rng, len(block))
    return {"line": line, "brand": brand, "model": np.where(few, model_few, model_many)}


def _written(block: Block, lines: dict[str, np.ndarray]) -> dict:
    words = vocabulary.raw()
    customers, profile = block.customers, profile_labels()
    owner = lines["owner"]
    return {
        "cd_cliente": pa.array(customers.key[owner]),
        "ds_prod": vocabulary.products()[0].text(lines["product"]),
        "ds_lin_rec": Labels(words["product_lines"]).text(lines["line"]),
        "cidade": profile.city.text(customers.city[owner]),
        "ds_cnae": profile.activity.text(customers.activity[owner]),
        "ds_segmento": vocabulary.text(segments(), customers.segment[owner]),
        "ds_subsegmento": profile.subsegment.text(lines["subsegment"]),
        "fat_faixa": vocabulary.text(vocabulary.BANDS, lines["band"]),
        "marca_totvs": Labels(words["brands"]).text(lines["brand"]),
        "modal_comerc": _models(SHARE_NO_MODEL["many lines"]).text(lines["model"]),
        "pais": customers.country[owner],
        "periodicidade": Labels(words["periodicities"]).text(lines["periodicity"]),
        "situacao_contrato": vocabulary.text(STATUSES, lines["status"]),
        "uf": profile.state.text(customers.state[owner]),
        "vl_total_contrato": block.disguise.amounts(lines["centavos"]),
        "dt_assinatura_contrato": lines["signed"],
    }
