{#
    The features that conditions of customers are about, all numeric columns of customer_360.

    SQL needs the names when it is
    compiled, a seed is read when it runs; a test holds this list to the features of
    seeds/conditions.csv.
#}
{% macro condition_features() -%}
    {{ return([
        'active_contract_line_count',
        'cancelled_contract_share',
        'cloud_contract_line_count',
        'discounted_item_share',
        'high_priority_ticket_share',
        'licence_denied_event_count',
        'mean_days_to_last_update',
        'nps_last_score',
        'nps_response_count',
        'open_ticket_count',
        'product_count',
        'proposal_count_last_12_months',
        'purchase_count_last_12_months',
        'tenure_months',
        'ticket_count_last_90_days',
        'usage_event_count',
        'usage_module_count'
    ]) }}
{%- endmacro %}
