with

deliveries as (

    select * from {{ ref('stg_erp__extract') }}

),

newest as (

    select max(delivery_date) as newest_delivery_date

    from deliveries

)

select
    coalesce({{ var_date('as_of_date') }}, newest.newest_delivery_date) as as_of_date,
    -- Landing never mixes a synthetic extract with a real one, so any row tells.
    (select max(case when deliveries.is_synthetic then 1 else 0 end) from deliveries) = 1 as is_synthetic

from newest
