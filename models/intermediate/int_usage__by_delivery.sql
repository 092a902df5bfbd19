{%- set longest_event = var_int('maximum_event_duration') -%}
{%- set current = carried_deliveries(ref('int_telemetry__folded'), code_version([longest_event])) -%}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='sync_all_columns',
        table_type='iceberg',
        pre_hook={
            'sql': "{{ delete_outdated(carried_deliveries(
                ref('int_telemetry__folded'), code_version([var_int('maximum_event_duration')])
            )) }}",
            'transaction': false
        }
    )
}}
-- Carried from build to build as the folded events are (decision 30).
with

folded as (

    select * from {{ ref('int_telemetry__folded') }}

    where {{ new_days('delivery_date', current) }}

),

deliveries as (

    {{ current }}

),

events as (

    select
        folded.*,
        coalesce(folded.event_duration not between 0 and {{ longest_event }}, false)
            as is_duration_implausible,
        folded.unreadable_value is null as is_readable

    from folded

),

aggregated as (

    select
        delivery_date,
        customer_id,
        usage_date,
        coalesce(module_id, '?') as module_id,
        is_readable,
        -- Each module belongs to one line; should one ever show two, the first stays.
        min(product_line_id) as product_line_id,
        cast(sum(row_count) as bigint) as event_count,
        count(*) as distinct_event_count,
        -- The unit is the file's own; impossible values are left out and counted.
        cast(sum(case when not is_duration_implausible then event_duration end) as decimal(18, 6))
            as distinct_event_duration,
        cast(sum(case when is_duration_implausible then row_count else 0 end) as bigint)
            as implausible_duration_count,
        cast(sum(case when licence_status = 'Conectado' then row_count else 0 end) as bigint)
            as licence_connected_event_count,
        cast(sum(case when licence_status = 'Desconectado' then row_count else 0 end) as bigint)
            as licence_disconnected_event_count,
        cast(sum(case when licence_status = 'Negado' then row_count else 0 end) as bigint)
            as licence_denied_event_count

    from events

    group by
        delivery_date,
        customer_id,
        usage_date,
        coalesce(module_id, '?'),
        is_readable

)

select
    aggregated.*,
    deliveries.made_from

from aggregated

inner join deliveries
    on aggregated.delivery_date = deliveries.delivery_date
