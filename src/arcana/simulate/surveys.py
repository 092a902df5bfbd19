"""The six survey families. Scores hang on the persona only weakly, as in the dictionary."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.special import ndtr

from arcana.simulate import vocabulary
from arcana.simulate.blocks import Block
from arcana.simulate.vocabulary import Labels

# How often each score from 0 to 10 is given.
RELATIONAL_SCORES = (1.3, 0.4, 0.5, 0.8, 1.5, 3.4, 4.2, 11.9, 26.8, 22.4, 26.8)
SUPPORT_SCORES = (4.0, 1.0, 1.0, 1.0, 1.0, 1.5, 1.0, 1.5, 5.0, 13.0, 70.0)
PRODUCT_SCORES = (3.0, 1.0, 1.0, 1.5, 1.5, 4.0, 4.0, 9.0, 19.0, 16.0, 40.0)
# How much of an answer is the customer's own level, as a correlation.
OWN_LEVEL = 0.5

RELATIONAL_SINCE = np.datetime64("2019-02-01")
# Recent answers are more frequent: 30 per cent lie before 2022.
RECENCY = 0.622
SINCE_ALL_ITEMS = np.datetime64("2022-01-01")
SINCE_NO_SUPPORT_ITEM = np.datetime64("2025-01-01")
SINCE_WHOLE_SECONDS = np.datetime64("2020-08-01")
MORE_ANSWERS = 1.78
SHARE_DUPLICATED = 0.045
ANSWERS_PER_MONTH = 0.06
SURVEY_OVERLAP_DAYS = 183
# Item -> mean score, share not answered since 2022. resposta_unidade was always asked.
RELATIONAL_ITEMS = {
    "nota_suptec_agilidade": (7.57, 0.186),
    "nota_suptec_atendimento": (8.05, 0.250),
    "nota_comercial": (8.37, 0.300),
    "nota_custos": (7.10, 0.240),
    "nota_admfin_atendimento": (8.26, 0.340),
    "nota_software": (7.92, 0.410),
    "nota_software_atualizacao": (8.00, 0.250),
}
UNIT_ITEM = (8.27, 0.20)


def _scores(weights: tuple[float, ...], normal: np.ndarray) -> np.ndarray:
    """Turn standard normal levels into scores that occur with these weights."""
    bounds = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(bounds[:-1], ndtr(normal))


def _levels(rng: np.random.Generator, block: Block, owner: np.ndarray) -> np.ndarray:
    """Standard normal level of every answer: the customer's own and chance."""
    own = block.rng("satisfaction").standard_normal(len(block))[owner]
    chance = rng.standard_normal(len(owner))
    mixed = np.sqrt(OWN_LEVEL) * own + np.sqrt(1 - OWN_LEVEL) * chance
    return mixed + block.customers.satisfaction[owner]


def _item(rng: np.random.Generator, level: np.ndarray, mean: float, unknown) -> pa.Array:
    """One item of a survey: near the recommendation, null where `unknown`."""
    noise = rng.standard_normal(len(level))
    score = np.clip(np.rint(mean + 0.4 + 1.9 * (0.6 * level + 0.8 * noise)), 0, 10).astype(int)
    return pa.array(score, mask=np.broadcast_to(unknown, len(level)))


def _joined(parts: list[dict]) -> dict:
    """Rows of several deliveries, one after the other."""
    if len(parts) == 1:
        return parts[0]
    joined = {}
    for name, first in parts[0].items():
        arrays = [part[name] for part in parts]
        if isinstance(first, np.ndarray):
            joined[name] = np.concatenate(arrays)
        else:
            chunks = [chunk for array in arrays for chunk in _chunks(array)]
            joined[name] = pa.concat_arrays(chunks)
    return joined


def _chunks(array) -> list[pa.Array]:
    return array.chunks if isinstance(array, pa.ChunkedArray) else [array]


def _chosen(rows: dict, mask_or_positions: np.ndarray) -> dict:
    """Rows by mask or by position."""
    positions = np.asarray(mask_or_positions)
    if positions.dtype == bool:
        positions = np.flatnonzero(positions)
    taken = pa.array(positions)
    return {
        name: values[positions] if isinstance(values, np.ndarray) else values.take(taken)
        for name, values in rows.items()
    }


def _rolling(block: Block, draw, date_column: str, overlap_days: int) -> dict:
    """All rows in the first delivery, later the recent ones of all deliveries so far."""
    rows = _joined([draw(block, step) for step in range(block.born, block.step + 1)])
    if block.step:
        days = rows[date_column].astype("datetime64[D]")
        rows = _chosen(rows, days > block.day - overlap_days)
    return rows


def _monthly(rng, block: Block, step: int, answers: np.ndarray, per_month: float) -> np.ndarray:
    """Answers of every customer in the month of a later delivery."""
    return rng.poisson(per_month * answers * np.minimum(block.growth(step), 1))


# --- relational ------------------------------------------------------------


def relational(block: Block) -> dict:
    """Rows of nps_relacional."""
    return _rolling(block, _relational, "responded_at", SURVEY_OVERLAP_DAYS)


def _relational(block: Block, step: int) -> dict:
    rng = block.rng("nps relational", step)
    customers = block.customers
    since = block.since(step, RELATIONAL_SINCE - 1)
    if step == block.born:
        answers = customers.answers_relational
        mean = MORE_ANSWERS if step == 0 else 0.0
        counts = np.where(answers, 1 + rng.poisson(mean * rng.gamma(2.0, 0.5, len(block))), 0)
    else:
        counts = _monthly(rng, block, step, customers.answers_relational, ANSWERS_PER_MONTH)
    owner = block.owners(counts)
    span = (block.days[step] - since).astype(int)
    days = since + 1 + np.floor(rng.random(len(owner)) ** RECENCY * span).astype(int)
    days = np.minimum(np.maximum(days, customers.start[owner] + 1), block.days[step])
    days = block.pin_newest(days, step)
    seconds = rng.integers(8 * 3600, 20 * 3600, len(owner))
    thousandths = np.where(days < SINCE_WHOLE_SECONDS, rng.integers(1, 1000, len(owner)), 0)
    moments = days.astype("datetime64[ms]") + seconds * 1000 + thousandths
    level = _levels(rng, block, owner)
    rows = {
        "responded_at": moments,
        "metadata_codcliente": pa.array(_with_lower_case_key(block)[owner]),
        "resposta_nps": _scores(RELATIONAL_SCORES, level),
        "resposta_unidade": _item(rng, level, UNIT_ITEM[0], rng.random(len(owner)) < UNIT_ITEM[1]),
    }
    not_asked = days < SINCE_ALL_ITEMS
    for name, (mean, unanswered) in RELATIONAL_ITEMS.items():
        unknown = not_asked | (rng.random(len(owner)) < unanswered)
        if name == "nota_suptec_atendimento":
            unknown |= days >= SINCE_NO_SUPPORT_ITEM
        rows[name] = _item(rng, level, mean, unknown)
    repeated = np.flatnonzero(rng.random(len(owner)) < SHARE_DUPLICATED)
    if block.number == 0 and step == 0 and len(owner) and not len(repeated):
        repeated = np.array([0])
    return _chosen(rows, np.concatenate([np.arange(len(owner)), repeated]))


def _with_lower_case_key(block: Block) -> np.ndarray:
    """Keys as the relational survey has them: one customer's in lower case."""
    keys = block.customers.key.copy()
    if block.number == 0:
        lettered = np.char.lower(keys) != keys
        candidates = np.flatnonzero(block.customers.answers_relational & lettered)
        lettered = [row for row in candidates if not keys[row][1:].isdigit()]
        if lettered:
            keys[lettered[0]] = keys[lettered[0]].lower()
    return keys


# --- transactional, a few hundred answers ----------------------------------


def acquisition(block: Block) -> dict:
    """Rows of nps_transacional_aquisicao."""
    return _rolling(block, _acquisition, "data_da_resposta", SURVEY_OVERLAP_DAYS)


def newest_first(parts: list[dict]) -> dict:
    """Rows of all blocks in the order of nps_transacional_aquisicao."""
    rows = _joined(parts)
    order = np.argsort(-rows["data_da_resposta"].astype("datetime64[D]").astype(int), kind="stable")
    return _chosen(rows, order)


def _acquisition(block: Block, step: int) -> dict:
    rng = block.rng("nps acquisition", step)
    owner, days = _early_answers(rng, block, step, block.customers.answers_acquisition, 27)
    count = len(owner)
    kind = rng.choice(4, count, p=[0.20, 0.39, 0.09, 0.32])
    all_ten, only_high, only_low = (kind == value for value in range(3))
    score = np.select(
        [all_ten, only_high, only_low],
        [10, rng.integers(9, 11, count), rng.integers(0, 2, count)],
        _scores(RELATIONAL_SCORES, rng.standard_normal(count)),
    )
    rows = {
        "cod_cliente": pa.array(block.customers.key[owner]),
        "data_da_resposta": days,
        "nota_nps": score,
    }
    level = (score - 8) / 2
    for name in ("agilidade", "conhecimento", "custo", "facilidade", "flexibilidade"):
        item = _item(rng, level, 8.0, only_high | only_low)
        tens = pa.array(np.full(count, 10))
        rows[f"nota_{name}"] = _where(all_ten, tens, item)
    repeated = np.flatnonzero(rng.random(count) < 0.017)
    return _chosen(rows, np.concatenate([np.arange(count), repeated]))


def _where(mask: np.ndarray, yes: pa.Array, no: pa.Array) -> pa.Array:
    return pa.compute.if_else(pa.array(mask), yes, no)


def implementation(block: Block) -> dict:
    """Rows of nps_transacional_implantacao; one has no key."""
    return _rolling(block, _implementation, "data_da_resposta", SURVEY_OVERLAP_DAYS)


def _implementation(block: Block, step: int) -> dict:
    rng = block.rng("nps implementation", step)
    owner, days = _early_answers(rng, block, step, block.customers.answers_implementation, 10)
    level = _levels(rng, block, owner)
    unknown = rng.random(len(owner)) < 0.37
    rows = {
        "cod_cliente": _keys_with_one_missing(block, step, owner),
        "data_da_resposta": days,
        "nota_nps": _scores(RELATIONAL_SCORES, level),
    }
    for name in ("metodologia", "gestao", "conhecimento", "qualidade", "comunicacao", "prazos"):
        rows[f"nota_{name}"] = _item(rng, level, 8.2, unknown)
    return rows


def onboarding(block: Block) -> dict:
    """Rows of nps_transacional_onboarding; one has no key."""
    return _rolling(block, _onboarding, "data_de_resposta", SURVEY_OVERLAP_DAYS)


def _onboarding(block: Block, step: int) -> dict:
    rng = block.rng("nps onboarding", step)
    owner, days = _early_answers(rng, block, step, block.customers.answers_onboarding, 10)
    level = _levels(rng, block, owner)
    unknown = rng.random(len(owner)) < 0.38
    rows = {
        "data_de_resposta": days,
        "cod_cliente": _keys_with_one_missing(block, step, owner),
        "nota_recomendacao": _scores(PRODUCT_SCORES, level),
        "nota_ajuda": _item(rng, level, 8.6, rng.random(len(owner)) < 0.144),
    }
    for name in (
        "duracao_da_reuniao",
        "clareza_dos_canais",
        "clareza_das_informacoes",
        "expectativas",
    ):
        rows[f"nota_{name}"] = _item(rng, level, 8.7, unknown)
    return rows


def _early_answers(rng, block: Block, step: int, answers: np.ndarray, newest_days_ago: int):
    """Customers and days of answers given soon after a customer signed up."""
    customers = block.customers
    if step == block.born:
        counts = answers * (1 + (rng.random(len(block)) < 0.05))
    else:
        counts = _monthly(rng, block, step, answers, 0.08)
    owner = block.owners(counts)
    until = block.days[step] - newest_days_ago
    days = customers.start[owner] + rng.integers(5, 120, len(owner))
    late = block.since(step, np.datetime64("2023-12-31")) - newest_days_ago + 1
    days = np.maximum(days, late + rng.integers(0, 25, len(owner)))
    too_new = days > until
    days = np.where(too_new, np.maximum(until - rng.integers(0, 20, len(owner)), late), days)
    return owner, days


def _keys_with_one_missing(block: Block, step: int, owner: np.ndarray) -> pa.Array:
    """Keys of the answers; the very first of the extract lost its key."""
    missing = np.zeros(len(owner), dtype=bool)
    if block.number == 0 and step == 0:
        missing[:1] = True
    return pa.array(block.customers.key[owner], mask=missing)


# --- product and support ---------------------------------------------------


def product(block: Block) -> dict:
    """Rows of nps_transacional_produto: the answers of the month of the delivery."""
    return _rolling(block, _product, "data_da_resposta", 35)


def _product(block: Block, step: int) -> dict:
    rng = block.rng("nps product", step)
    words = vocabulary.raw()["surveyed_products"]
    line_labels = Labels({name: entry["weight"] for name, entry in words.items()})
    module_labels = vocabulary.Grouped(
        {place: dict.fromkeys(entry["modules"], 1) for place, entry in enumerate(words.values())}
    )
    active = block.customers.answers_product * (rng.random(len(block)) < (1 if step == 0 else 0.5))
    counts = np.where(active, 1 + rng.poisson(2.0, len(block)), 0)
    owner = block.owners(counts)
    until = block.days[step]
    day = until - rng.integers(0, until.astype(object).day, len(owner))
    day = block.pin_newest(np.maximum(day, block.customers.start[owner]), step)
    seconds = rng.integers(0, 24 * 3600, len(owner))
    line = line_labels.draw(rng, len(block))[owner]
    module = module_labels.draw(rng, line)
    datasul = line == line_labels.names.index("Datasul")
    module[rng.random(len(owner)) < np.where(datasul, 0.4, 0.02)] = -1
    return {
        "data_da_resposta": day.astype("datetime64[ms]") + seconds * 1000,
        "linha_de_produto": line_labels.text(line),
        "nome_do_produto": module_labels.text(module),
        "nota": _scores(PRODUCT_SCORES, _levels(rng, block, owner)),
        "cod_t": pa.array(block.customers.key[owner]),
    }


FIRST_SUPPORT_SURVEY, SUPPORT_SURVEYS = 17_400_000, 5_600_000
SUPPORT_OVERLAP = 0.25
GROUPS = ("detrator", "passivo", "promotor")


def support(block: Block) -> dict:
    """Rows of nps_transacional_suporte; the file has no date, ticket numbers grow with it."""
    rows = _joined([_support(block, step) for step in range(block.born, block.step + 1)])
    if block.step:
        monthly = SUPPORT_SURVEYS // 12
        until = FIRST_SUPPORT_SURVEY + SUPPORT_SURVEYS + block.step * monthly
        rows = _chosen(rows, rows["ticket"] > until - SUPPORT_OVERLAP * SUPPORT_SURVEYS)
    return rows


def _support(block: Block, step: int) -> dict:
    rng = block.rng("nps support", step)
    customers = block.customers
    mean = 1 + 0.38 * customers.ticket_count
    if step:
        mean = mean * np.minimum(block.growth(step), 1) / 15
    counts = rng.poisson(mean) + (step == 0)
    owner = block.owners(np.where(customers.answers_support, counts, 0))
    monthly = SUPPORT_SURVEYS // 12
    first = FIRST_SUPPORT_SURVEY + (SUPPORT_SURVEYS + (step - 1) * monthly if step else 0)
    width = monthly if step else SUPPORT_SURVEYS
    earliest = block.days[0] - 445
    since = block.since(step, earliest)
    span = (block.days[step] - since).astype(int)
    days = since + rng.integers(1, span + 1, len(owner))
    ticket = block.serials(days, step, earliest, range(first, first + width))
    level = _levels(rng, block, owner)
    score = _scores(SUPPORT_SCORES, level)
    unknown = rng.random(len(owner)) < 0.215
    rows = {
        "ticket": ticket,
        "resposta_nps": score,
        "grupo_nps": vocabulary.text(GROUPS, (score >= 7).astype(int) + (score >= 9)),
    }
    for name in ("conhecimento_agente", "solucao", "tempo_retorno", "facilidade", "satisfacao"):
        rows[f"nota_{name}"] = _item(rng, np.minimum(level, 1.5) + score / 5 - 1.5, 8.8, unknown)
    rows["cliente"] = pa.array(customers.key[owner])
    return rows
