with

deliveries as (

    select * from {{ ref('stg_erp__extract') }}

),

landed as (

    -- Landing never mixes two extracts, so any row tells which one it is.
    select
        max(delivery_date) as newest_delivery_date,
        max(extract_id) as extract_id,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic

    from deliveries

)

select
    coalesce({{ var_date('as_of_date') }}, newest_delivery_date) as as_of_date,
    newest_delivery_date,
    extract_id,
    is_synthetic

from landed
