-- Counts and money of gold equal what silver kept; a difference means that a join or
-- an aggregate lost or multiplied rows.
with

totals as (

    select
        'contract value' as total,
        (
            select coalesce(sum(contract_value_brl), 0)
            from {{ ref('int_contract_lines__screened') }}
            where row_status = 'kept'
        ) as silver_total,
        (select coalesce(sum(contract_value_brl), 0) from {{ ref('customer_360') }}) as gold_total

    union all

    select
        'MRR' as total,
        (
            select coalesce(sum(mrr_brl), 0)
            from {{ ref('int_mrr__screened') }}
            where row_status = 'kept'
        ) as silver_total,
        (select coalesce(sum(mrr_brl), 0) from {{ ref('customer_360') }}) as gold_total

    union all

    select
        'tickets' as total,
        (
            select count(*)
            from {{ ref('int_tickets__screened') }}
            where row_status = 'kept'
        ) as silver_total,
        (select coalesce(sum(ticket_count), 0) from {{ ref('customer_360') }}) as gold_total

    union all

    select
        'tickets in the fact' as total,
        (select coalesce(sum(ticket_count), 0) from {{ ref('customer_360') }}) as silver_total,
        (select count(*) from {{ ref('fct_tickets') }}) as gold_total

    union all

    select
        'survey answers' as total,
        (
            select count(*)
            from {{ ref('int_nps_responses__screened') }}
            where row_status = 'kept' and score is not null
        ) as silver_total,
        (select coalesce(sum(nps_response_count), 0) from {{ ref('customer_360') }}) as gold_total

    union all

    select
        'telemetry rows in the fact' as total,
        (
            select coalesce(sum(event_count), 0)
            from {{ ref('int_telemetry__screened') }}
            where row_status = 'kept'
        ) as silver_total,
        (select coalesce(sum(event_count), 0) from {{ ref('fct_usage_daily') }}) as gold_total

    union all

    select
        'customers in the profiles' as total,
        (
            select count(*)
            from {{ ref('customer_360') }}
            where not is_internal
        ) as silver_total,
        (select coalesce(sum(customer_count), 0) from {{ ref('persona_profiles') }}) as gold_total

    union all

    select
        'MRR in the profiles' as total,
        (
            select coalesce(sum(mrr_brl), 0)
            from {{ ref('customer_360') }}
            where not is_internal
        ) as silver_total,
        (select coalesce(sum(mrr_brl), 0) from {{ ref('persona_profiles') }}) as gold_total

)

select *

from totals

where silver_total != gold_total
