"""The simulated customers: persona, profile and traits, before any file is written.

A persona says how likely a customer takes part in a family and how its amounts
and counts are spread; population.yml holds these numbers. Everything a family
later writes follows from the traits drawn here.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

import numpy as np
import yaml

from arcana.simulate import keys
from arcana.simulate.streams import Streams
from arcana.simulate.vocabulary import UNKNOWN_BAND, Grouped, Labels, raw

FITS_NONE = -1

DAYS_PER_YEAR = 365.25
LONGEST_TENURE_YEARS = 37.2
# One customer is far older than all others.
OLDEST_START = np.datetime64("1971-06-14")
# Segments outside the eleven of population.yml: how many there are of 10,615 customers.
RARE_SEGMENTS = {"TOTVS": 2, "SUPERMERCADOS": 2, "FINANCIAL SERVICES": 10}
VENDOR_CUSTOMERS = 10_615
SHARE_ABROAD = 0.0057
# A few of the large customers are of another order of magnitude.
LARGE_CONTRACT, SHARE_GIANT = 50_000, 0.015
GIANT = (22.0, 0.7)
# How items and value grow with the number of purchases, as exponents.
ITEMS_PER_PURCHASE, VALUE_PER_PURCHASE = 0.7, 0.8
MOST_LINES = 641
MOST_ITEMS = 167


@dataclass
class Customers:
    """Customers and their traits: arrays of one length, one element a customer.

    Labels are positions in the lists of vocabulary.py; `persona` is FITS_NONE
    for customers that fit none. Amounts are on the scale of the files.
    """

    key: np.ndarray
    persona: np.ndarray
    start: np.ndarray
    segment: np.ndarray
    subsegment: np.ndarray
    activity: np.ndarray
    state: np.ndarray
    city: np.ndarray
    country: np.ndarray
    band: np.ndarray
    has_mrr: np.ndarray
    has_usage: np.ndarray
    has_purchases: np.ndarray
    has_proposals: np.ndarray
    answers_relational: np.ndarray
    answers_support: np.ndarray
    answers_product: np.ndarray
    answers_acquisition: np.ndarray
    answers_implementation: np.ndarray
    answers_onboarding: np.ndarray
    has_active: np.ndarray
    mrr: np.ndarray
    active_value: np.ndarray
    line_count: np.ndarray
    cancelled_share: np.ndarray
    swapped_share: np.ndarray
    free_share: np.ndarray
    purchase_count: np.ndarray
    purchase_value: np.ndarray
    item_count: np.ndarray
    ticket_count: np.ndarray
    event_weight: np.ndarray
    module_count: np.ndarray
    satisfaction: np.ndarray

    def __len__(self) -> int:
        return len(self.key)

    def part(self, start: int, stop: int) -> Customers:
        """Customers from position `start` up to `stop`."""
        arrays = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return Customers(**{name: array[start:stop] for name, array in arrays.items()})


@functools.cache
def parameters() -> dict:
    """Return population.yml as it stands."""
    source = resources.files("arcana.simulate").joinpath("population.yml")
    return yaml.safe_load(source.read_text(encoding="utf-8"))


def _of_personas(*path: str | int) -> np.ndarray:
    """One number of population.yml for each of the eight personas."""

    def find(entry):
        for name in path:
            entry = entry[name]
        return float(entry)

    return np.array([find(persona) for persona in parameters()["personas"]])


@functools.cache
def segments() -> list[str]:
    """Segment names; the eleven of population.yml, then the rare ones."""
    return [*parameters()["segments"], *RARE_SEGMENTS]


class ProfileLabels(NamedTuple):
    """Labels of a customer's profile."""

    subsegment: Grouped
    activity: Grouped
    home_state: Labels
    state_abroad: Labels
    state: Labels
    city: Grouped
    country_abroad: Labels


@functools.cache
def profile_labels() -> ProfileLabels:
    """Labels of a customer's profile; cities are grouped by state, the rest by segment."""
    words = raw()
    by_segment = {
        name: Grouped({number: words[source][segment] for number, segment in enumerate(segments())})
        for name, source in (("subsegment", "subsegments"), ("activity", "activities"))
    }
    at_home = {state: entry["share"] for state, entry in words["cities"].items()}
    abroad = words["abroad"]
    states = list(at_home) + list(abroad["states"])
    cities = {number: entry["cities"] for number, entry in enumerate(words["cities"].values())}
    cities |= dict.fromkeys(range(len(at_home), len(states)), abroad["cities"])
    return ProfileLabels(
        **by_segment,
        home_state=Labels(at_home),
        state_abroad=Labels(abroad["states"]),
        state=Labels(dict.fromkeys(states, 1)),
        city=Grouped(cities),
        country_abroad=Labels(abroad["countries"]),
    )


def logistic(log_odds: np.ndarray) -> np.ndarray:
    """Probability of log-odds."""
    return 1 / (1 + np.exp(-log_odds))


def draw_customers(
    streams: Streams, count: int, reference: np.datetime64, contract_lines: float
) -> Customers:
    """Draw the customers of the first delivery.

    `reference` is the day of the delivery, `contract_lines` a factor on the
    number of contract lines.
    """
    persona = _personas(streams.rng("persona"), count)
    odd = np.flatnonzero(persona == FITS_NONE)
    start, tenure_years = _starts(streams.rng("tenure"), persona, reference)
    start[odd[keys.ODD_KEYS :][:1]] = OLDEST_START
    segment = _segments(streams.rng("segment"), persona, odd)
    key = keys.first_keys(streams.rng("keys"), start, reference, odd)
    return _with_traits(streams, 0, persona, key, start, tenure_years, segment, contract_lines)


def draw_newcomers(
    streams: Streams, cohort: int, count: int, dates: Sequence, contract_lines: float
) -> Customers:
    """Draw customers that signed up between two deliveries, the days in `dates`.

    They are of the personas that have customers in their first year.
    """
    rng = streams.rng("newcomers", cohort)
    mean, deviation = _of_personas("tenure", "mean"), _of_personas("tenure", "deviation")
    shares = _of_personas("share") * np.exp(-0.5 * (mean / deviation) ** 2) / deviation
    persona = rng.choice(len(shares), count, p=shares / shares.sum())
    before, reference = dates
    days = (reference - before).astype(int)
    start = np.sort(before + rng.integers(1, days, count, endpoint=False))
    tenure_years = (reference - start).astype(int) / DAYS_PER_YEAR
    segment = _segments(rng, persona, np.array([], dtype=int))
    key = keys.later_keys(rng, cohort, count)
    return _with_traits(streams, cohort, persona, key, start, tenure_years, segment, contract_lines)


def _personas(rng: np.random.Generator, count: int) -> np.ndarray:
    """Persona of every customer, in exact shares, in random order."""
    none_share = parameters()["fits_none"] / 100
    fits_none = min(max(round(none_share * count), keys.ODD_KEYS + 3), count // 6)
    wanted = _of_personas("share")
    wanted = wanted / wanted.sum() * (count - fits_none)
    whole = np.floor(wanted).astype(int)
    # Largest remainders take what is left over.
    short = count - fits_none - whole.sum()
    whole[np.argsort(whole - wanted, kind="stable")[:short]] += 1
    persona = np.repeat(np.arange(len(whole)), whole)
    persona = np.concatenate([persona, np.full(fits_none, FITS_NONE)])
    return rng.permutation(persona)


class _Traits:
    """Draws traits: each customer's own persona, or for those that fit none another per trait."""

    def __init__(self, rng: np.random.Generator, persona: np.ndarray):
        self._rng = rng
        self._persona = persona
        self.size = rng.standard_normal(len(persona))

    def personas(self) -> np.ndarray:
        stand_in = self._rng.integers(0, len(parameters()["personas"]), len(self._persona))
        return np.where(self._persona == FITS_NONE, stand_in, self._persona)

    def number(self, *path: str | int) -> np.ndarray:
        return _of_personas(*path)[self.personas()]

    def happens(self, log_odds: np.ndarray) -> np.ndarray:
        return self._rng.random(len(self._persona)) < logistic(log_odds)

    def chance(self, share) -> np.ndarray:
        return self._rng.random(len(self._persona)) < share

    def normal(self, loading: float = 0.0) -> np.ndarray:
        own = self._rng.standard_normal(len(self._persona))
        return loading * self.size + np.sqrt(1 - loading**2) * own

    def lognormal(self, name: str) -> np.ndarray:
        chosen = self.personas()
        deviation = _of_personas(name, 1)[chosen] * parameters()["spread"]
        loading = parameters()["loadings"].get(name, 0.0)
        return _of_personas(name, 0)[chosen] * np.exp(deviation * self.normal(loading))

    def share(self, name: str) -> np.ndarray:
        """Draw a share from a Beta with the mean and deviation of the persona."""
        chosen = self.personas()
        mean = _of_personas(name, "mean")[chosen]
        deviation = _of_personas(name, "deviation")[chosen]
        precision = mean * (1 - mean) / deviation**2 - 1
        return self._rng.beta(mean * precision, (1 - mean) * precision)

    def count(self, mean: np.ndarray, shape: float = 1.5) -> np.ndarray:
        """Draw a negative binomial count with this mean: Poisson with a Gamma rate."""
        return self._rng.poisson(mean * self._rng.gamma(shape, 1 / shape, len(mean)))


def _starts(rng: np.random.Generator, persona: np.ndarray, reference: np.datetime64):
    """Sign-up days and tenures in years: a normal cut to the possible, by inversion of draws."""
    chosen = _Traits(rng, persona).personas()
    mean = _of_personas("tenure", "mean")[chosen]
    deviation = _of_personas("tenure", "deviation")[chosen]
    years = rng.normal(mean, deviation)
    for _ in range(200):
        outside = np.flatnonzero((years < 1 / DAYS_PER_YEAR) | (years > LONGEST_TENURE_YEARS))
        if not len(outside):
            break
        years[outside] = rng.normal(mean[outside], deviation[outside])
    days = np.clip(np.rint(years * DAYS_PER_YEAR), 1, None).astype(int)
    # The newest customer signed up the day before the extract was taken.
    days[np.argmin(days)] = 1
    return reference - days, days / DAYS_PER_YEAR


def _segments(rng: np.random.Generator, persona: np.ndarray, odd: np.ndarray) -> np.ndarray:
    """Segment of every customer; internal and stray ones among those that fit none."""
    leaning = np.array([entry["segments"] for entry in parameters()["personas"]], dtype=float)
    cumulated = np.cumsum(leaning / leaning.sum(axis=1, keepdims=True), axis=1)
    chosen = _Traits(rng, persona).personas()
    draws = rng.random(len(persona))
    segment = np.minimum((draws[:, None] > cumulated[chosen]).sum(axis=1), leaning.shape[1] - 1)
    taken = keys.ODD_KEYS + 1
    for name, of_vendor in RARE_SEGMENTS.items():
        wanted = max(1, round(of_vendor * len(persona) / VENDOR_CUSTOMERS))
        segment[odd[taken : taken + wanted]] = segments().index(name)
        taken += wanted
    return segment


def _with_traits(
    streams, cohort, persona, key, start, tenure_years, segment, contract_lines
) -> Customers:
    profile = _profile(streams.rng("profile", cohort), segment)
    traits = _Traits(streams.rng("traits", cohort), persona)
    band = _bands(traits)
    participation = _participation(traits, segment, tenure_years)
    amounts = _amounts(traits, contract_lines)
    # A customer who pays every month has an active contract.
    amounts["has_active"] |= participation["has_mrr"]
    return Customers(
        key=key,
        persona=persona,
        start=start,
        segment=segment,
        band=band,
        **profile,
        **participation,
        **amounts,
    )


def _profile(rng: np.random.Generator, segment: np.ndarray) -> dict[str, np.ndarray]:
    labels = profile_labels()
    state = labels.home_state.draw(rng, len(segment))
    abroad = rng.random(len(segment)) < SHARE_ABROAD
    abroad[rng.integers(len(segment))] = True
    state_abroad = len(labels.home_state.names) + labels.state_abroad.draw(rng, len(segment))
    state = np.where(abroad, state_abroad, state)
    country_names = np.array(labels.country_abroad.names, dtype=int)
    country = country_names[labels.country_abroad.draw(rng, len(segment))]
    return {
        "subsegment": labels.subsegment.draw(rng, segment),
        "activity": labels.activity.draw(rng, segment),
        "state": state,
        "city": labels.city.draw(rng, state),
        "country": np.where(abroad, country, 105),
    }


def _bands(traits: _Traits) -> np.ndarray:
    unknown = traits.chance(traits.number("band", "unknown"))
    chosen = traits.personas()
    deviation = _of_personas("band", "deviation")[chosen] * parameters()["spread"]
    loading = parameters()["loadings"]["band"]
    rank = np.rint(_of_personas("band", "mean")[chosen] + deviation * traits.normal(loading))
    return np.where(unknown, UNKNOWN_BAND, np.clip(rank, 0, UNKNOWN_BAND - 1)).astype(int)


def _participation(traits: _Traits, segment: np.ndarray, tenure_years: np.ndarray) -> dict:
    """Which families a customer is in.

    Usage and survey answers hang on recurring revenue, proposals on purchases,
    and every customer in the first year has purchased.
    """
    rules = parameters()["participation"]

    def of_segment(name: str) -> np.ndarray:
        offsets = np.zeros(len(segments()))
        offsets[: len(rules[name])] = rules[name]
        return offsets[segment]

    def log_odds(name: str) -> np.ndarray:
        return traits.number(name) + of_segment(name)

    first_year = tenure_years < 1
    has_mrr = traits.happens(log_odds("recurs") + first_year * rules["recurs_in_first_year"])
    has_usage = traits.happens(log_odds("uses") + ~has_mrr * rules["uses_without_revenue"])
    has_purchases = traits.happens(log_odds("buys")) | first_year
    answers = (
        log_odds("answers")
        + ~has_mrr * rules["answers_without_revenue"]
        + has_usage * rules["answers_with_use"]
        + has_purchases * rules["answers_with_purchases"]
    )
    after_purchase = np.where(
        has_mrr,
        rules["proposal_after_purchase"],
        rules["proposal_after_purchase_without_revenue"],
    )
    proposal = np.where(has_purchases, after_purchase, rules["proposal_without_purchase"])
    answers_relational = traits.happens(answers)
    has_proposals = traits.chance(proposal)
    has_tickets = traits.chance(traits.number("tickets"))
    tickets = np.maximum(np.rint(traits.lognormal("ticket_count")), 1).astype(int)
    recent = tenure_years < 1.5
    return {
        "has_mrr": has_mrr,
        "has_usage": has_usage,
        "answers_relational": answers_relational,
        "has_purchases": has_purchases,
        "has_proposals": has_proposals,
        "ticket_count": np.where(has_tickets, tickets, 0),
        "answers_support": traits.chance(rules["support_survey_after_ticket"]) & has_tickets,
        "answers_product": traits.chance(rules["product_survey_after_use"]) & has_usage,
        "answers_acquisition": traits.chance(rules["acquisition_survey"]) & recent,
        "answers_implementation": traits.chance(rules["implementation_survey"])
        & (tenure_years < 2),
        "answers_onboarding": traits.chance(rules["onboarding_survey"]) & recent,
    }


def _amounts(traits: _Traits, contract_lines: float) -> dict:
    line_count = np.rint(traits.lognormal("lines") * contract_lines)
    contract = traits.lognormal("contract")
    is_giant = traits.chance(SHARE_GIANT) & (contract > LARGE_CONTRACT)
    giant = np.where(is_giant, GIANT[0] * np.exp(GIANT[1] * traits.normal()), 1.0)
    # Who buys often buys for more in all, and gets more proposals.
    usual = traits.number("purchase_count")
    loading = parameters()["loadings"]["purchase_count"]
    often = np.exp(loading * traits.size - loading**2 / 2)
    purchase_count = 1 + traits.count((usual - 1) * often)
    busy = purchase_count / usual
    item_count = np.rint(traits.lognormal("items") * busy**ITEMS_PER_PURCHASE)
    return {
        "mrr": traits.lognormal("mrr"),
        "active_value": contract * giant,
        "has_active": traits.chance(traits.number("active")),
        "line_count": np.clip(line_count, 1, MOST_LINES).astype(int),
        "cancelled_share": traits.share("cancelled"),
        "swapped_share": traits.number("swapped"),
        "free_share": traits.number("free"),
        "purchase_count": purchase_count,
        "purchase_value": traits.lognormal("purchase_value") * busy**VALUE_PER_PURCHASE,
        "item_count": np.clip(item_count, 1, MOST_ITEMS).astype(int),
        "event_weight": traits.lognormal("events"),
        "module_count": 1 + traits.count(traits.number("modules"), shape=6.0),
        "satisfaction": traits.number("satisfaction"),
    }
