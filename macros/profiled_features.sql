{#
    The features that describe a persona, all numeric columns of customer_360.

    SQL needs the names when it is compiled, a seed is read when it runs; a test
    holds this list to the features of seeds/persona_features.csv that fit or name.
#}
{% macro profiled_features() -%}
    {{ return([
        'tenure_months',
        'revenue_band_rank',
        'active_contract_value_brl',
        'cancelled_contract_share',
        'product_count',
        'mrr_brl',
        'purchase_value_last_12_months_brl',
        'proposal_item_count_last_12_months',
        'ticket_count_last_12_months',
        'nps_mean_score',
        'usage_distinct_event_count',
        'usage_module_count'
    ]) }}
{%- endmacro %}
