with

daily as (

    -- One delivery is in force for a day, so a customer, day and module are kept once.
    select * from {{ ref('int_telemetry__screened') }}

    where row_status = 'kept'

)

select
    customer_id,
    usage_date,
    module_id,
    product_line_id,
    event_count,
    distinct_event_count,
    coalesce(distinct_event_duration, 0) as distinct_event_duration,
    implausible_duration_count,
    licence_connected_event_count,
    licence_disconnected_event_count,
    licence_denied_event_count

from daily
