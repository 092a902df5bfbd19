"""Write one row per customer: its persona, how sure, and why.

Reads `customer_360` and the version in use in `persona_mixture`. Runs in-process on
DuckDB and on Athena for Apache Spark, so it asks the engine for plain frames and
leaves the arithmetic to the package.
"""


def model(dbt, session):
    dbt.config(materialized="table", schema="gold")
    # Inside the function: on Spark the package arrives after the file is read.
    from arcana import personas
    from arcana.engine import frames
    from arcana.personas import registry

    context = personas.Context.from_frame(frames.to_pandas(dbt.ref("int_build__context")))
    mixture = frames.to_pandas(dbt.ref("persona_mixture"))
    version = registry.in_use(mixture, context.is_synthetic)
    assigned = personas.assign(
        frames.to_pandas(dbt.ref("customer_360"), personas.score_columns(version), "customer_id"),
        version,
        frames.to_pandas(dbt.ref("persona_catalogue")),
        context,
    )
    return frames.to_engine(assigned, personas.SCHEMA, session)
