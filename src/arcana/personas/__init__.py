"""Personas: what the components of a mixture are called, and who belongs to them.

`update` decides whether a fit is due, fits, judges the fit and adds it to the registry;
`assign` gives every customer its persona with the version in use. Between the two stands
nothing but the rows of the table `persona_mixture`.
"""

from arcana.personas.population import (
    SCHEMA,
    Context,
    PersonaError,
    Settings,
    assign,
    fit_columns,
    score_columns,
    update,
)

__all__ = [
    "SCHEMA",
    "Context",
    "PersonaError",
    "Settings",
    "assign",
    "fit_columns",
    "score_columns",
    "update",
]
