"""What the page knows: aggregates of a build, and never a row of a customer.

Everything is counted in SQL on the build file. Groups of fewer than `SMALLEST_CELL`
customers are left out, and how many customers that hides is told, so the page does not
grow with the customers and holds nothing about any one of them.
"""

from __future__ import annotations

import duckdb

from arcana.page.exploration import SMALLEST_CELL

# States with most customers; the others are told together.
STATES = 12
OTHERS = "Demais"
UNKNOWN = "Sem informação"

# Of each cell of the cube, after the three filters and the persona; null: no answer known.
MEASURES = {
    "customers": "count(*)",
    "mrr": "coalesce(cast(round(sum(mrr_brl)) as bigint), 0)",
    "certainty": "cast(sum(cast(probability as decimal(18, 6))) as double)",
    "ambiguous": "count(case when is_ambiguous then 1 end)",
    "answered": "count(nps_last_score)",
    "promoters": "count(case when nps_last_score >= 9 then 1 end)",
    "detractors": "count(case when nps_last_score <= 6 then 1 end)",
    "tickets": "coalesce(cast(sum(ticket_count_last_12_months) as bigint), 0)",
    "users": "count(case when usage_event_count > 0 then 1 end)",
}

# Texts of a customer whose values are few.
DOMAINS = {
    "segment": ("Segmento", "Segment"),
    "sub_segment": ("Subsegmento", "Sub-segment"),
    "revenue_band": ("Faixa de faturamento", "Revenue band"),
    "state": ("UF", "State"),
    "country_name": ("País", "Country"),
    "main_commercial_model": ("Modalidade comercial", "Commercial model"),
}

SIZES = (
    "case when revenue_band_rank is null then 'Sem informação' when revenue_band_rank <= 3"
    " then 'Pequena' when revenue_band_rank <= 7 then 'Média' else 'Grande' end"
)


def told(connection: duckdb.DuckDBPyConnection) -> dict:
    """Collect everything but the exploration and the comparison of models."""
    connection.execute(
        f"""
        create or replace temp view page_states as
        select state from gold.customer_360
        where not is_internal and state is not null
        group by state order by count(*) desc, state limit {STATES}
        """
    )
    connection.execute(
        f"""
        create or replace temp view page_customers as
        select
            coalesce(personas.persona_id, -1) as persona_id, personas.probability,
            personas.is_ambiguous, personas.persona_status,
            coalesce(customers.segment, '{UNKNOWN}') as segment,
            {SIZES} as size,
            case when customers.state is null then '{UNKNOWN}'
                when customers.state in (from page_states) then customers.state
                else '{OTHERS}' end as state,
            customers.mrr_brl, customers.nps_last_score, customers.ticket_count_last_12_months,
            customers.usage_event_count
        from gold.customer_360 as customers
        join gold.customer_personas as personas using (customer_id)
        where not customers.is_internal
        """
    )
    cells, hidden = _cells(connection)
    day, is_synthetic = connection.execute(
        "select as_of_date, is_synthetic from silver.int_build__context"
    ).fetchone()
    return {
        "as_of_date": str(day),
        "is_synthetic": bool(is_synthetic),
        "smallest_cell": SMALLEST_CELL,
        "measures": list(MEASURES),
        "cells": cells,
        "hidden": hidden,
        "filters": _filters(connection),
        "personas": _rows(
            connection,
            """
            select persona_id as id, persona_name as name_pt, persona_name_en as name_en,
                is_found, customer_count as customers, color, profile as profile_pt, profile_en,
                needs as needs_pt, needs_en, action as action_pt, action_en,
                cast(median_mrr_brl as double) as median_mrr,
                size_level as size, value_level as value, loyalty_level as loyalty,
                engagement_level as engagement, satisfaction_level as satisfaction
            from gold.persona_profiles order by sort_order, persona_id
            """,
        ),
        "features": _rows(
            connection,
            f"""
            select persona_id as persona, features.feature_label as label_pt,
                features.feature_label_en as label_en,
                median, lower_quartile as low, upper_quartile as high,
                round(difference_from_rest, 4) as difference
            from gold.persona_feature_profiles as profiles
            join gold.dim_features as features using (feature)
            where customer_count >= {SMALLEST_CELL} order by persona, label_pt
            """,
        ),
        "certainty": _certainty(connection),
        "versions": _versions(connection),
        "insights": _rows(
            connection,
            """
            select insight_rank as rank, persona_id as persona, kind, finding_pt, finding_en,
                evidence_pt, evidence_en, round(effect, 4) as effect,
                round(effect_low, 4) as low, round(effect_high, 4) as high,
                customer_count as customers, cast(round(mrr_brl) as bigint) as mrr, is_fitted,
                action_pt, action_en
            from gold.persona_insights order by rank
            """,
        ),
        "signals": _signals(connection),
        "data": _data(connection),
    }


def _cells(connection):
    """Every combination of filters by persona: [segment, size, state, persona, measures…]."""
    measures = ", ".join(f"{sql} as {name}" for name, sql in MEASURES.items())
    rows = connection.execute(
        f"""
        select
            case when grouping(segment) = 0 then segment end,
            case when grouping(size) = 0 then size end,
            case when grouping(state) = 0 then state end,
            persona_id, {measures}
        from page_customers
        group by grouping sets (
            (persona_id), (segment, persona_id), (size, persona_id), (state, persona_id),
            (segment, size, persona_id), (segment, state, persona_id),
            (size, state, persona_id), (segment, size, state, persona_id)
        )
        order by all
        """
    ).fetchall()
    shown, hidden = [], {}
    for segment, size, state, persona, *values in rows:
        if values[0] >= SMALLEST_CELL:
            values[2] = None if values[2] is None else round(values[2], 2)
            shown.append([segment, size, state, persona, *values])
        else:
            key = "|".join(each or "" for each in (segment, size, state))
            hidden[key] = hidden.get(key, 0) + values[0]
    return shown, hidden


def _filters(connection):
    """Values that a filter offers, the most frequent first, none too small to be told."""
    return {
        name: [
            value
            for value, count in connection.execute(
                f"select {name}, count(*) from page_customers group by 1 order by 2 desc, 1"
            ).fetchall()
            if count >= SMALLEST_CELL
        ]
        for name in ("segment", "size", "state")
    }


def _certainty(connection):
    """Customers by persona and tenth of probability, small cells left out."""
    return _rows(
        connection,
        f"""
        select persona_id as persona,
            least(cast(floor(probability * 10) as bigint), 9) as tenth, count(*) as customers
        from page_customers where probability is not null
        group by 1, 2 having count(*) >= {SMALLEST_CELL} order by 1, 2
        """,
    )


def _versions(connection):
    """Every version of the mixture of this kind of extract, newest first, and its personas."""
    context = "(select is_synthetic from silver.int_build__context)"
    versions = _rows(
        connection,
        f"""
        select mixture_version as version, status, reason, fitted_because as because,
            cast(as_of_date as varchar) as as_of_date, persona_model as model,
            customer_count as customers, customers_needed as needed,
            round(moved_share, 4) as moved, changes, checks
        from gold.persona_mixture
        where component = -1 and feature = '*' and is_synthetic = {context}
        order by version desc limit 12
        """,
    )
    in_use = _one(connection, "select max(mixture_version) from gold.customer_personas")
    stability = _rows(
        connection,
        """
        select persona_id as persona, round(max(stability), 4) as stability,
            count(*) as components, round(min(name_distance), 2) as distance
        from gold.persona_mixture
        where mixture_version = ? and component > 0 and feature = '*' and persona_id is not null
        group by 1 order by 1
        """,
        [in_use],
    )
    return {"in_use": in_use, "all": versions, "stability": stability}


def _signals(connection):
    """Customers and MRR by signal, persona and fourth of the score, small cells left out."""
    parts = " union all ".join(
        f"select '{name}' as signal, persona_id as persona,"
        f" least(cast(floor({name}_score / 25) as bigint), 3) as fourth, mrr_brl"
        " from gold.customer_signals"
        for name in ("at_risk", "satisfaction", "growth")
    )
    return _rows(
        connection,
        f"""
        select signal, persona, fourth, count(*) as customers,
            coalesce(cast(round(sum(mrr_brl)) as bigint), 0) as mrr
        from ({parts}) group by all having count(*) >= {SMALLEST_CELL} order by all
        """,
    )


def _data(connection):
    """Families, records, what was set aside, labels never seen, domains, unknowns, overlaps."""
    return {
        "changes": _changes(connection),
        "domains": [
            {"label_pt": pt, "label_en": en, **_domain(connection, column)}
            for column, (pt, en) in DOMAINS.items()
        ],
        "families": _rows(
            connection,
            """
            select family, record_count as records, quarantined_count as quarantined,
                landed_count as landed, kept_count as kept, duplicate_count as duplicates,
                superseded_count as superseded, later_count as later,
                set_aside_count as set_aside, is_delivered as delivered,
                cast(delivery_in_force as varchar) as delivery
            from quality.quality_reconciliation
            join silver.int_families__delivered using (family) order by family
            """,
        ),
        "set_aside": _rows(
            connection,
            """
            select family, reason_code as reason, meaning, what_to_do,
                cast(sum(row_count) as bigint) as records
            from quality.quality_rows_set_aside group by all order by records desc, family, reason
            """,
        ),
        "labels": _rows(
            connection,
            """
            select column_name as "column", label, row_count as records
            from quality.quality_unknown_labels order by records desc, label limit 20
            """,
        ),
        "features": [
            {"label_pt": pt, "label_en": en, "unknown": _unknown(connection, name)}
            for name, pt, en in connection.execute(
                "select feature, feature_label, feature_label_en from silver.persona_features"
                " join gold.dim_features using (feature) order by feature_label"
            ).fetchall()
        ],
        "overlap": [
            {
                "family": family,
                "customers": _one(
                    connection,
                    f"select count(*) from gold.customer_360 where in_{family} and not is_internal",
                ),
            }
            for (family,) in connection.execute(
                "select column_name[4:] from (describe gold.customer_360)"
                " where column_name like 'in\\_%' escape '\\' order by 1"
            ).fetchall()
        ],
    }


def _changes(connection):
    """Records landed with a family's newest delivery and with the one before, if there were two."""
    return _rows(
        connection,
        """
        with landed as (
            select case when family like 'nps%' then 'nps' else family end as family,
                delivery_date, cast(sum(landed_count) as bigint) as records
            from bronze.stg_erp__landed_files where landed_count > 0 group by all
        ),
        numbered as (
            select *, row_number() over newest_first as number,
                lead(delivery_date) over newest_first as before_day,
                lead(records) over newest_first as before
            from landed
            window newest_first as (partition by family order by delivery_date desc)
        )
        select family, cast(delivery_date as varchar) as day, records,
            cast(before_day as varchar) as before_day, before
        from numbered where number = 1 and before_day is not null order by family
        """,
    )


def _domain(connection, column):
    """How many values a column has, the most frequent ones, and how often it is unknown."""
    values = connection.execute(
        f"select {column}, count(*) from gold.customer_360 where not is_internal"
        " group by all order by 2 desc, 1"
    ).fetchall()
    known = [(value, count) for value, count in values if value is not None]
    return {
        "values": len(known),
        "top": [value for value, count in known[:4] if count >= SMALLEST_CELL],
        "unknown": _unknown(connection, column),
    }


def _unknown(connection, feature):
    return _one(
        connection,
        f"select round(avg(case when {feature} is null then 1.0 else 0 end), 4)"
        " from gold.customer_360 where not is_internal",
    )


def _one(connection, sql):
    return connection.execute(sql).fetchone()[0]


def _rows(connection, sql, parameters=None):
    cursor = connection.execute(sql, parameters or [])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
