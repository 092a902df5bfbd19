-- Do tickets go with usage? Customers with a ticket in twelve months, by how many different
-- events they used in the telemetry window.
with

judged as (

    select
        customer_id,
        case
            when usage_distinct_event_count = 0 then '0'
            when usage_distinct_event_count < 100 then '1–99'
            when usage_distinct_event_count < 1000 then '100–999'
            else '1.000+'
        end as usage_group,
        ticket_count_last_12_months > 0 as is_met

    from {{ ref('customer_360') }}

    where not is_internal
        and usage_distinct_event_count is not null
        and ticket_count_last_12_months is not null

)

select
    'usage_group' as dimension,
    usage_group as group_name,
    count(*) as customer_count,
    count(case when is_met then customer_id end) as met_count

from judged

group by usage_group

order by usage_group
