-- A view: the largest family by far, and the daily usage reads it once.
{{ config(materialized='view') }}

with

telemetry as (

    select * from {{ ref('stg_erp__telemetry') }}

),

customers as (

    select * from {{ ref('int_customers__screened') }}

    where row_status = 'kept'

),

delivery_of_day as (

    select
        usage_date,
        coalesce(
            max(case when delivery_date <= {{ as_of_date() }} then delivery_date end),
            min(delivery_date)
        ) as delivery_in_force

    from telemetry

    group by usage_date

),

judged as (

    -- No event has an id or a time of day, so equal rows are data, not duplicates:
    -- the raw and the distinct count are both kept further on.
    select
        telemetry.customer_id,
        telemetry.store_id,
        telemetry.module_id,
        telemetry.product_line_id,
        telemetry.slot_id,
        telemetry.licence_status,
        telemetry.event_duration,
        telemetry.usage_date,
        telemetry.delivery_date,
        telemetry.file_name,
        telemetry.file_line,
        telemetry.unreadable_value,
        coalesce(
            telemetry.event_duration not between 0 and {{ var_int('maximum_event_duration') }}, false
        ) as is_duration_implausible,
        coalesce(telemetry.delivery_date < delivery_of_day.delivery_in_force, false) as is_superseded,
        coalesce(
            telemetry.usage_date > {{ as_of_date() }}
            or telemetry.delivery_date > delivery_of_day.delivery_in_force,
            false
        ) as is_later,
        coalesce(
            {{ key_reason('telemetry', 'customers') }},
            case when telemetry.unreadable_value is not null then 'not_readable' end,
            case when telemetry.usage_date is null then 'date_null' end,
            {{ date_reason('telemetry.usage_date', 'telemetry.delivery_date') }}
        ) as reason_code

    from telemetry

    left join customers
        on telemetry.customer_id = customers.customer_id

    left join delivery_of_day
        on telemetry.usage_date = delivery_of_day.usage_date

)

select
    *,
    {{ row_status('is_superseded', 'is_later') }} as row_status

from judged
