with

customers as (

    select * from {{ ref('int_customers__profiled') }}

),

contracts as (

    select * from {{ ref('int_contract_lines__aggregated_to_customer') }}

),

revenue as (

    select * from {{ ref('int_revenue__aggregated_to_customer') }}

),

tickets as (

    select * from {{ ref('int_tickets__aggregated_to_customer') }}

),

responses as (

    select * from {{ ref('int_nps_responses__aggregated_to_customer') }}

),

usage as (

    select * from {{ ref('int_usage__aggregated_to_customer') }}

),

joined as (

    -- Each block is at the grain of a customer already, so no join can fan out.
    select
        customers.customer_id,

        -- profile
        customers.segment,
        customers.sub_segment,
        customers.revenue_band,
        customers.revenue_band_rank,
        customers.city,
        customers.state,
        customers.country_name,
        customers.economic_activity,
        customers.main_commercial_model,
        customers.customer_since_date,
        customers.tenure_months,
        customers.is_internal,

        -- contracts
        coalesce(contracts.contract_line_count, 0) as contract_line_count,
        coalesce(contracts.active_contract_line_count, 0) as active_contract_line_count,
        coalesce(contracts.cancelled_contract_line_count, 0) as cancelled_contract_line_count,
        coalesce(contracts.swapped_contract_line_count, 0) as swapped_contract_line_count,
        coalesce(contracts.free_contract_line_count, 0) as free_contract_line_count,
        coalesce(contracts.other_contract_line_count, 0) as other_contract_line_count,
        coalesce(contracts.contract_value_brl, 0) as contract_value_brl,
        coalesce(contracts.active_contract_value_brl, 0) as active_contract_value_brl,
        coalesce(contracts.cancelled_contract_value_brl, 0) as cancelled_contract_value_brl,
        coalesce(contracts.swapped_contract_value_brl, 0) as swapped_contract_value_brl,
        coalesce(contracts.free_contract_value_brl, 0) as free_contract_value_brl,
        {{ share('contracts.cancelled_contract_line_count', 'contracts.contract_line_count') }}
            as cancelled_contract_share,
        {{ share('contracts.swapped_contract_line_count', 'contracts.contract_line_count') }}
            as swapped_contract_share,
        coalesce(contracts.product_count, 0) as product_count,
        coalesce(contracts.product_line_count, 0) as product_line_count,
        coalesce(contracts.brand_count, 0) as brand_count,
        coalesce(contracts.cloud_contract_line_count, 0) as cloud_contract_line_count,
        contracts.last_signature_date,

        -- revenue: a customer without an MRR row is not known to pay nothing
        revenue.mrr_brl,

        -- purchases and proposals
        {{ zero_if_delivered(
            'revenue.purchase_count_last_12_months',
            'customers.is_contratacoes_ultimos_12_meses_delivered'
        ) }} as purchase_count_last_12_months,
        {{ zero_if_delivered(
            'revenue.purchase_value_last_12_months_brl',
            'customers.is_contratacoes_ultimos_12_meses_delivered'
        ) }} as purchase_value_last_12_months_brl,
        {%- for column in [
            'proposal_count_last_12_months',
            'proposal_item_count_last_12_months',
            'proposal_value_last_12_months_brl'
        ] %}
        {{ zero_if_delivered('revenue.' ~ column, 'customers.is_historico_delivered') }} as {{ column }},
        {%- endfor %}
        revenue.discounted_item_share,
        revenue.cloud_item_share,
        revenue.last_proposal_date,

        -- support
        {%- for column in [
            'ticket_count',
            'ticket_count_last_90_days',
            'ticket_count_last_12_months',
            'open_ticket_count',
            'closed_ticket_count',
            'question_ticket_count',
            'problem_ticket_count',
            'task_ticket_count',
            'incident_ticket_count',
            'low_ticket_count',
            'normal_ticket_count',
            'high_ticket_count',
            'urgent_ticket_count'
        ] %}
        {{ zero_if_delivered('tickets.' ~ column, 'customers.is_tickets_delivered') }} as {{ column }},
        {%- endfor %}
        tickets.high_priority_ticket_share,
        tickets.mean_days_to_last_update,

        -- satisfaction: never answered is a count of zero and a score of null
        {%- for survey, family in surveys().items() %}
        {{ zero_if_delivered(
            'responses.nps_' ~ survey ~ '_response_count',
            'customers.is_' ~ family ~ '_delivered'
        ) }} as nps_{{ survey }}_response_count,
        responses.nps_{{ survey }}_last_score,
        responses.nps_{{ survey }}_mean_score,
        responses.nps_{{ survey }}_promoter_share,
        responses.nps_{{ survey }}_detractor_share,
        {%- endfor %}
        {{ zero_if_delivered(
            'responses.nps_response_count',
            'customers.is_any_nps_delivered'
        ) }} as nps_response_count,
        responses.nps_last_score,
        responses.nps_mean_score,
        responses.nps_promoter_share,
        responses.nps_detractor_share,
        coalesce(responses.nps_response_count > 0, false) as has_answered_nps,

        -- usage
        {%- for column in [
            'usage_event_count',
            'usage_distinct_event_count',
            'usage_active_day_count',
            'usage_module_count',
            'usage_product_line_count',
            'usage_duration',
            'usage_implausible_duration_count',
            'licence_connected_event_count',
            'licence_disconnected_event_count',
            'licence_denied_event_count'
        ] %}
        {{ zero_if_delivered('usage.' ~ column, 'customers.is_telemetria_delivered') }} as {{ column }},
        {%- endfor %}

        -- in which families the customer is found
        true as in_clientes_desde,
        contracts.customer_id is not null as in_dados_clientes,
        coalesce(revenue.in_mrr, false) as in_mrr,
        coalesce(revenue.in_contratacoes_ultimos_12_meses, false) as in_contratacoes_ultimos_12_meses,
        coalesce(revenue.in_historico, false) as in_historico,
        tickets.customer_id is not null as in_tickets,
        {%- for survey, family in surveys().items() %}
        coalesce(responses.nps_{{ survey }}_response_count > 0, false) as in_{{ family }},
        {%- endfor %}
        usage.customer_id is not null as in_telemetria

    from customers

    left join contracts
        on customers.customer_id = contracts.customer_id

    left join revenue
        on customers.customer_id = revenue.customer_id

    left join tickets
        on customers.customer_id = tickets.customer_id

    left join responses
        on customers.customer_id = responses.customer_id

    left join usage
        on customers.customer_id = usage.customer_id

)

select * from joined
