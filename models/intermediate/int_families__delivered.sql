with

landed_files as (

    select * from {{ ref('stg_erp__landed_files') }}

),

accepted as (

    select
        family,
        case when file_status in ('landed', 'same_as_earlier') then delivery_date end as delivery_date

    from landed_files

),

in_force as (

    select
        family,
        -- A build that looks back to before the first delivery has nothing older
        -- than that one to go by.
        coalesce(
            max(case when delivery_date <= {{ as_of_date() }} then delivery_date end),
            min(delivery_date)
        ) as delivery_in_force

    from accepted

    group by family

)

select
    family,
    delivery_in_force is not null as is_delivered,
    delivery_in_force

from in_force
