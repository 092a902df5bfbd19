"""Write the log-odds of each customer's persona as the sum that they are, term by term.

Reads what `customer_personas` reads, and scores once more: one model writes one table.
"""


def model(dbt, session):
    dbt.config(materialized="table", schema="silver")
    # Inside the function: on Spark the package arrives after the file is read.
    from arcana import personas
    from arcana.engine import frames
    from arcana.personas import registry

    context = personas.Context.from_frame(frames.to_pandas(dbt.ref("int_build__context")))
    version = registry.in_use(frames.to_pandas(dbt.ref("persona_mixture")), context.is_synthetic)
    written = personas.contributions(
        frames.to_pandas(dbt.ref("customer_360"), personas.score_columns(version), "customer_id"),
        version,
    )
    return frames.to_engine(written, personas.CONTRIBUTION_SCHEMA, session)
