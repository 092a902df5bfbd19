"""Personas: what the components of a mixture are called, and who belongs to them.

`update` decides whether a fit is due, fits, judges the fit and adds it to the registry;
`assign` gives every customer its persona with the version in use. Between the two stands
nothing but the rows of the table `persona_mixture`.
"""

from arcana.personas.context import Context, PersonaError, Settings
from arcana.personas.population import fit_columns
from arcana.personas.scoring import (
    CONTRIBUTION_SCHEMA,
    SCHEMA,
    assign,
    contributions,
    score_columns,
)
from arcana.personas.versions import update

__all__ = [
    "CONTRIBUTION_SCHEMA",
    "SCHEMA",
    "Context",
    "PersonaError",
    "Settings",
    "assign",
    "contributions",
    "fit_columns",
    "score_columns",
    "update",
]
