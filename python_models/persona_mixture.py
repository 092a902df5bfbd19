"""Keep every mixture that was ever fitted, and fit another when one is due.

Reads `customer_360`, the two persona seeds and its own last rows, and writes those
rows with a version more, if any. Fitting and scoring are two models, so that
customers can be scored every day with a mixture that changes four times a year.
"""


def model(dbt, session):
    dbt.config(
        materialized="table",
        schema="gold",
        # The identity of the personas is in here: no flag may empty it.
        full_refresh=False,
        # Read only on Athena: an Iceberg table stays readable until it is replaced.
        table_type="iceberg",
    )
    # Inside the function: on Spark the package arrives after the file is read.
    from arcana import personas
    from arcana.engine import frames
    from arcana.personas import registry

    settings = personas.Settings.from_vars(
        refit=dbt.config.meta_get("refit"),
        refit_after_months=dbt.config.meta_get("refit_after_months"),
        accept_refit=dbt.config.meta_get("accept_refit"),
        persona_model=dbt.config.meta_get("persona_model"),
        n_personas=dbt.config.meta_get("n_personas"),
    )
    features = frames.to_pandas(dbt.ref("persona_features"))
    updated = personas.update(
        frames.read_own_last(dbt, session, registry.SCHEMA),
        frames.to_pandas(dbt.ref("customer_360"), personas.fit_columns(features)),
        features,
        frames.to_pandas(dbt.ref("persona_catalogue")),
        personas.Context.from_frame(frames.to_pandas(dbt.ref("int_build__context"))),
        settings,
    )
    return frames.to_engine(updated, registry.SCHEMA, session)
