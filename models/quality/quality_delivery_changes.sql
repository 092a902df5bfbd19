with

landed_files as (

    select * from {{ ref('stg_erp__landed_files') }}

    where landed_count > 0

),

deliveries as (

    -- The surveys are delivered together.
    select
        case when family like 'nps%' then 'nps' else family end as family,
        delivery_date,
        cast(sum(landed_count) as bigint) as landed_count

    from landed_files

    group by case when family like 'nps%' then 'nps' else family end, delivery_date

),

compared as (

    select
        family,
        delivery_date,
        landed_count,
        lag(delivery_date) over (partition by family order by delivery_date) as delivery_date_before,
        lag(landed_count) over (partition by family order by delivery_date) as landed_count_before,
        row_number() over (partition by family order by delivery_date desc) as recency

    from deliveries

)

select
    family,
    delivery_date,
    landed_count,
    delivery_date_before,
    landed_count_before

from compared

where recency = 1
    and delivery_date_before is not null
