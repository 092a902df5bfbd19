"""What the page knows: the tables of `models/page`, put into the page's form.

They hold aggregates and never a row of a customer; groups of fewer customers than the var
`smallest_cell` are left out there, and here nothing is counted. What the page shows of a
gold or a quality table as it stands is read from that table.
"""

from __future__ import annotations

from collections import Counter

import duckdb

# Of each cell of the cube, after the three filters and the persona; name on the page -> SQL.
FILTERS = {"segment": "segment", "size": "size_group", "state": "state_group"}
MEASURES = {
    "customers": "customer_count",
    "mrr": "cast(round(mrr_brl) as bigint)",
    "with_persona": "with_persona_count",
    "certainty": "round(cast(probability_sum as double), 2)",
    "ambiguous": "ambiguous_count",
    "answered": "answered_count",
    "promoters": "promoter_count",
    "detractors": "detractor_count",
    "tickets": "ticket_count",
    "users": "active_count",
}
# The newest versions of the mixture, and the most frequent labels that no seed knows.
MOST_VERSIONS = 12
MOST_LABELS = 20


def aggregates(connection: duckdb.DuckDBPyConnection) -> dict:
    """Collect everything but the exploration and the comparison of models."""
    (build,) = _read(connection, "page.page_build", "as_of_date is_synthetic smallest_cell")
    return {
        **build,
        "measures": list(MEASURES),
        **_cube(connection, build["smallest_cell"]),
        "personas": _read(
            connection,
            "page.page_personas",
            "id:persona_id name_pt:persona_name name_en:persona_name_en is_found"
            " customers:customer_count color profile_pt:profile profile_en needs_pt:needs needs_en"
            " action_pt:action action_en median_mrr:median_mrr_brl size:size_level"
            " value:value_level loyalty:loyalty_level engagement:engagement_level"
            " satisfaction:satisfaction_level",
            "sort_order, persona_id",
        ),
        "features": _read(
            connection,
            "page.page_features",
            "persona:persona_id label_pt label_en median low:lower_quartile high:upper_quartile"
            " difference:difference_from_rest",
            "persona_id, label_pt",
        ),
        "reasons": _read(
            connection,
            "page.page_reasons",
            "persona:persona_id label_pt label_en contribution:mean_contribution",
            "persona_id, place",
        ),
        "certainty": _read(
            connection,
            "page.page_certainty",
            "persona:persona_id tenth:step customers:customer_count",
            "persona_id, step",
        ),
        "versions": _versions(connection),
        "insights": _insights(connection),
        "lists": _lists(connection),
        "data": _data(connection),
    }


def _cube(connection, smallest_cell):
    """Cells as [segment, size, state, persona, measures…], totals over all personas, and filters.

    A filter offers its values, the most frequent first, none too small to be shown.
    """
    columns = ", ".join([*FILTERS.values(), "persona_id", *MEASURES.values()])
    order = ", ".join([*FILTERS.values(), "persona_id"])
    rows = connection.execute(f"select {columns} from page.page_cells order by {order}").fetchall()
    shown, totals = [], {}
    counts: dict[str, Counter] = {name: Counter() for name in FILTERS}
    for segment, size, state, persona, *measures in rows:
        filters = (segment, size, state)
        if persona is not None:
            shown.append([*filters, persona, *measures])
            continue
        totals["|".join(value or "" for value in filters)] = measures
        chosen = [at for at in zip(FILTERS, filters, strict=True) if at[1] is not None]
        if len(chosen) == 1:
            ((name, value),) = chosen
            counts[name][value] = measures[0]
    offered = {
        name: [
            value
            for value, count in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
            if count >= smallest_cell
        ]
        for name, counted in counts.items()
    }
    return {"cells": shown, "totals": totals, "filters": offered}


def _versions(connection):
    """Every version of the mixture of this kind of extract, newest first, and its personas."""
    versions = _read(
        connection,
        "page.page_versions",
        "version:mixture_version status reason because:fitted_because as_of_date"
        " model:persona_model customers:customer_count needed:customers_needed moved:moved_share"
        " changes checks is_in_use",
        "mixture_version desc",
    )
    in_use = [version["version"] for version in versions if version.pop("is_in_use")]
    stability = _read(
        connection,
        "page.page_personas",
        "persona:persona_id stability components:component_count distance:name_distance",
        "persona_id",
    )
    return {
        "in_use": in_use[0] if in_use else None,
        "all": versions[:MOST_VERSIONS],
        "stability": [row for row in stability if row["components"] is not None],
    }


def _insights(connection):
    found = _read(
        connection,
        "gold.persona_insights",
        "rank:insight_rank in_front:is_in_front persona:persona_id kind finding_pt finding_en"
        " evidence_pt evidence_en effect low:effect_low high:effect_high customers:customer_count"
        " mrr:mrr_brl is_fitted action action_pt action_en",
        "insight_rank",
    )
    for row in found:
        row |= {name: round(row[name], 4) for name in ("effect", "low", "high")}
        row["mrr"] = round(row["mrr"])
    return found


def _lists(connection):
    """What each list of customers holds, in sums."""
    found = _read(
        connection,
        "page.page_lists",
        "name:list_name label_pt label_en about_pt about_en priority_label_pt priority_label_en"
        " customers:customer_count listed:listed_count mrr:listed_mrr_brl"
        " priority:listed_priority_brl share:listed_priority_share",
        "sort_order",
    )
    for row in found:
        row |= {
            name: row[name] if row[name] is None else round(row[name])
            for name in ("mrr", "priority")
        }
    return found


def _data(connection):
    """Families, records, what was set aside, labels never seen, domains, unknowns, overlaps."""
    columns = _read(
        connection,
        "page.page_columns",
        "column_role column_name label_pt label_en customer_count value_count unknown_share"
        " most_frequent_1 most_frequent_2 most_frequent_3 most_frequent_4",
        "column_role, sort_order",
    )
    domains, features, families = (
        [row for row in columns if row["column_role"] == role]
        for role in ("domain", "feature", "family")
    )
    return {
        "changes": _read(
            connection,
            "quality.quality_delivery_changes",
            "family day:delivery_date records:landed_count before_day:delivery_date_before"
            " before:landed_count_before",
            "family",
        ),
        "domains": [
            {
                "label_pt": row["label_pt"],
                "label_en": row["label_en"],
                "values": row["value_count"],
                "top": [
                    value
                    for name, value in row.items()
                    if name.startswith("most_frequent_") and value is not None
                ],
                "unknown": row["unknown_share"],
            }
            for row in domains
        ],
        "families": _read(
            connection,
            "quality.quality_reconciliation",
            "family records:record_count quarantined:quarantined_count landed:landed_count"
            " kept:kept_count duplicates:duplicate_count superseded:superseded_count"
            " later:later_count set_aside:set_aside_count delivered:is_delivered"
            " delivery:delivery_in_force",
            "family",
        ),
        "set_aside": _read(
            connection,
            "page.page_set_aside",
            "family reason:reason_code meaning what_to_do records:row_count",
            "row_count desc, family, reason_code",
        ),
        "labels": _read(
            connection,
            "quality.quality_unknown_labels",
            "column:column_name label records:row_count",
            "row_count desc, label",
        )[:MOST_LABELS],
        "features": [
            {
                "label_pt": row["label_pt"],
                "label_en": row["label_en"],
                "unknown": row["unknown_share"],
            }
            for row in features
        ],
        "overlap": [
            {"family": row["column_name"], "customers": row["customer_count"]} for row in families
        ],
    }


def _read(connection, table, columns, order_by="1"):
    """Rows of a table as dictionaries; columns: `name`, or `name on the page:column`."""
    pairs = [column.rpartition(":") for column in columns.split()]
    names = [name or column for name, _, column in pairs]
    wanted = ", ".join(column for _, _, column in pairs)
    rows = connection.execute(f"select {wanted} from {table} order by {order_by}").fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]
