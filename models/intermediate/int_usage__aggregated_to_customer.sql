with

daily as (

    -- One delivery is in force for a day, so a customer, day and module are kept once.
    select * from {{ ref('int_telemetry__screened') }}

    where row_status = 'kept'

),

newest as (

    select max(usage_date) as newest_usage_date

    from daily

),

recent as (

    -- A fixed window up to the newest day known: with one week a month delivered,
    -- counting all days would make every customer grow with the number of deliveries.
    select daily.*

    from daily

    cross join newest

    where {{ days_between('daily.usage_date', 'newest.newest_usage_date') }}
        < {{ var_int('usage_window_days') }}

)

select
    customer_id,
    cast(sum(event_count) as bigint) as usage_event_count,
    cast(sum(distinct_event_count) as bigint) as usage_distinct_event_count,
    count(distinct usage_date) as usage_active_day_count,
    count(distinct nullif(module_id, '?')) as usage_module_count,
    count(distinct product_line_id) as usage_product_line_count,
    coalesce(cast(sum(distinct_event_duration) as decimal(18, 6)), 0) as usage_duration,
    cast(sum(implausible_duration_count) as bigint) as usage_implausible_duration_count,
    cast(sum(licence_connected_event_count) as bigint) as licence_connected_event_count,
    cast(sum(licence_disconnected_event_count) as bigint) as licence_disconnected_event_count,
    cast(sum(licence_denied_event_count) as bigint) as licence_denied_event_count

from recent

group by customer_id
