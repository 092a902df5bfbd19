"""Landing: raw CSV files become Parquet, all text, and every record is counted.

    deliveries   what lies in the raw folder
    header       match a file's header with its family, by name
    reader       read records block by block; quarantine what cannot be read
    derive       canonical customer keys, newest dates
    writing      Parquet of landed and quarantined records
    ledger       the landed tables `extract` and `landed_files`
    dating       of which day a delivery is, by its files
    forget       take a landed delivery out
    publish      make deliveries visible, all or none
    storage      local disk or S3, behind one class
    run          the order of it all: `land`
    reasons      why something is not taken, and the messages
    report       what a landing did

Values are not judged here: what cannot be *read* is quarantined, what cannot be
*believed* is silver's.
"""

from arcana.landing.forget import forget
from arcana.landing.ledger import LANDING_VERSION
from arcana.landing.publish import settle
from arcana.landing.reasons import REASONS, LandingError, Problem
from arcana.landing.report import LandingReport
from arcana.landing.run import land

__all__ = [
    "LANDING_VERSION",
    "REASONS",
    "LandingError",
    "LandingReport",
    "Problem",
    "forget",
    "land",
    "settle",
]
