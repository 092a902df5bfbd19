"""What a build asks of the personas: its day, the kind of its extract, its dbt vars."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pandas as pd

from arcana.errors import ArcanaError
from arcana.mixture import parameters

# What may be asked for: ten years, and more personas than anybody can tell apart.
MAX_REFIT_MONTHS = 120
MAX_PERSONAS = 50


class PersonaError(ArcanaError):
    """Personas cannot be found or given; the message says what is wrong and where."""


@dataclass(frozen=True)
class Settings:
    """What a user may ask of the personas: the dbt vars, with their types made sure of."""

    refit: bool = False
    refit_after_months: int = 3
    accept_refit: bool = False
    persona_model: str = "hurdle"
    n_personas: int = 0

    @classmethod
    def from_vars(cls, **values) -> Settings:
        """Take dbt vars as YAML or the command line gave them; the message names the var."""
        models = sorted(parameters.FITS)
        months, most = MAX_REFIT_MONTHS, MAX_PERSONAS
        wanted = {
            "refit": ("true or false", lambda value: isinstance(value, bool)),
            "accept_refit": ("true or false", lambda value: isinstance(value, bool)),
            "refit_after_months": (
                f"a whole number from 1 to {months}",
                lambda value: type(value) is int and 1 <= value <= months,
            ),
            "n_personas": (
                f"0 (as many as are found) or a whole number from 2 to {most}",
                lambda value: type(value) is int and (value == 0 or 2 <= value <= most),
            ),
            "persona_model": (
                f"one of {', '.join(models)}",
                lambda value: isinstance(value, str) and value in models,
            ),
        }
        for name, (form, is_met) in wanted.items():
            if not is_met(values[name]):
                raise PersonaError(f"var '{name}' must be {form}, not {values[name]!r}")
        return cls(**values)


@dataclass(frozen=True)
class Context:
    """The day and the kind of extract that a build is about."""

    as_of_date: datetime.date
    is_synthetic: bool

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Context:
        """Take the one row of `int_build__context`."""
        if len(frame) != 1 or frame[["as_of_date", "is_synthetic"]].isna().any(axis=None):
            raise PersonaError(
                f"int_build__context has {len(frame)} rows or an unknown value;"
                " one row with as_of_date and is_synthetic is needed"
            )
        row = frame.iloc[0]
        return cls(pd.Timestamp(row["as_of_date"]).date(), bool(row["is_synthetic"]))
