with

events as (

    select * from {{ ref('int_telemetry__screened') }}

    where row_status = 'kept'

),

distinct_events as (

    -- Equal rows folded into one with their number.
    select
        customer_id,
        usage_date,
        module_id,
        product_line_id,
        store_id,
        slot_id,
        licence_status,
        event_duration,
        is_duration_implausible,
        count(*) as copy_count

    from events

    group by
        customer_id,
        usage_date,
        module_id,
        product_line_id,
        store_id,
        slot_id,
        licence_status,
        event_duration,
        is_duration_implausible

)

select
    customer_id,
    usage_date,
    coalesce(module_id, '?') as module_id,
    -- Each module belongs to one line; should one ever show two, the first stays.
    min(product_line_id) as product_line_id,
    cast(sum(copy_count) as bigint) as event_count,
    count(*) as distinct_event_count,
    -- The unit is the file's own; impossible values are left out and counted.
    cast(sum(case when not is_duration_implausible then event_duration end) as decimal(18, 6))
        as distinct_event_duration,
    cast(sum(case when is_duration_implausible then copy_count else 0 end) as bigint)
        as implausible_duration_count,
    cast(sum(case when licence_status = 'Conectado' then copy_count else 0 end) as bigint)
        as licence_connected_event_count,
    cast(sum(case when licence_status = 'Desconectado' then copy_count else 0 end) as bigint)
        as licence_disconnected_event_count,
    cast(sum(case when licence_status = 'Negado' then copy_count else 0 end) as bigint)
        as licence_denied_event_count

from distinct_events

group by customer_id, usage_date, coalesce(module_id, '?')
