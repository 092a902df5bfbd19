with

usage_by_delivery as (

    select * from {{ ref('int_usage__by_delivery') }}

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

    from usage_by_delivery

    group by usage_date

),

judged as (

    -- Whether an event is believed depends on its customer, day, delivery and form
    -- only, so all that are equal in these are judged at once.
    select
        usage_by_delivery.delivery_date,
        usage_by_delivery.customer_id,
        usage_by_delivery.usage_date,
        usage_by_delivery.module_id,
        usage_by_delivery.is_readable,
        usage_by_delivery.product_line_id,
        usage_by_delivery.event_count,
        usage_by_delivery.distinct_event_count,
        usage_by_delivery.distinct_event_duration,
        usage_by_delivery.implausible_duration_count,
        usage_by_delivery.licence_connected_event_count,
        usage_by_delivery.licence_disconnected_event_count,
        usage_by_delivery.licence_denied_event_count,
        coalesce(usage_by_delivery.delivery_date < delivery_of_day.delivery_in_force, false)
            as is_superseded,
        coalesce(
            usage_by_delivery.usage_date > {{ as_of_date() }}
            or usage_by_delivery.delivery_date > delivery_of_day.delivery_in_force,
            false
        ) as is_later,
        coalesce(
            {{ key_reason('usage_by_delivery', 'customers') }},
            case when not usage_by_delivery.is_readable then 'not_readable' end,
            case when usage_by_delivery.usage_date is null then 'date_null' end,
            {{ date_reason('usage_by_delivery.usage_date', 'usage_by_delivery.delivery_date') }}
        ) as reason_code

    from usage_by_delivery

    left join customers
        on usage_by_delivery.customer_id = customers.customer_id

    left join delivery_of_day
        on usage_by_delivery.usage_date = delivery_of_day.usage_date

)

select
    *,
    {{ row_status('is_superseded', 'is_later') }} as row_status

from judged
