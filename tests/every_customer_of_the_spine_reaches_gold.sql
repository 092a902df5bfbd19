-- Every kept customer must reach customer_360, its dimension and its persona exactly
-- once; a row here was lost or multiplied by a join.
with

expected as (

    select customer_id

    from {{ ref('int_customers__screened') }}

    where row_status = 'kept'

),

found as (

    select customer_id from {{ ref('customer_360') }}

    union all

    select customer_id from {{ ref('dim_customers') }}

    union all

    select customer_id from {{ ref('customer_personas') }}

),

counted as (

    select
        customer_id,
        count(*) as found_count

    from found

    group by customer_id

)

select
    coalesce(expected.customer_id, counted.customer_id) as customer_id,
    counted.found_count

from expected

full outer join counted
    on expected.customer_id = counted.customer_id

where expected.customer_id is null
    or coalesce(counted.found_count, 0) != 3
