{{ config(materialized='view') }}

{#- States with a name of their own, those with most customers. -#}
{%- set state_count = 12 -%}

with

customers as (

    select * from {{ ref('customer_360') }}

    where not is_internal

),

attributes as (

    select
        customer_id,
        tenure_band

    from {{ ref('dim_customers') }}

),

customer_personas as (

    select * from {{ ref('customer_personas') }}

),

ranked_states as (

    select
        state,
        row_number() over (order by count(*) desc, state asc) as state_rank

    from customers

    where state is not null

    group by state

)

select
    customers.customer_id,
    coalesce(customers.segment, 'Sem informação') as segment,
    {{ size_group('customers.revenue_band_rank') }} as size_group,
    case
        when customers.state is null then 'Sem informação'
        when ranked_states.state_rank <= {{ state_count }} then customers.state
        else 'Demais'
    end as state_group,
    attributes.tenure_band,
    case
        when customers.usage_distinct_event_count = 0 then '0'
        when customers.usage_distinct_event_count < 100 then '1–99'
        when customers.usage_distinct_event_count < 1000 then '100–999'
        when customers.usage_distinct_event_count >= 1000 then '1.000+'
    end as usage_group,
    {{ nps_group('customers.nps_last_score') }} as last_promoter_group,
    coalesce(customer_personas.persona_id, -1) as persona_id,
    customer_personas.probability,
    customer_personas.persona_status,
    customers.mrr_brl,
    customers.ticket_count_last_12_months,
    customers.purchase_count_last_12_months,
    customers.nps_last_score,
    customers.usage_active_day_count,
    {%- for survey in surveys() %}
    customers.nps_{{ survey }}_response_count,
    {%- endfor %}
    customers.in_telemetria

from customers

inner join attributes
    on customers.customer_id = attributes.customer_id

inner join customer_personas
    on customers.customer_id = customer_personas.customer_id

left join ranked_states
    on customers.state = ranked_states.state
