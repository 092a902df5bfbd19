-- Which surveys reach whom? Customers who ever answered each of the six, by size.
with

customers as (

    select
        *,
        {{ size_group('revenue_band_rank') }} as size_group

    from {{ ref('customer_360') }}

    where not is_internal

),

counted as (

    select
        'nps_relational' as dimension,
        size_group as group_name,
        count(*) as customer_count,
        count(case when nps_relational_response_count > 0 then customer_id end) as met_count

    from customers

    where nps_relational_response_count is not null

    group by size_group

    union all

    select
        'nps_acquisition' as dimension,
        size_group as group_name,
        count(*) as customer_count,
        count(case when nps_acquisition_response_count > 0 then customer_id end) as met_count

    from customers

    where nps_acquisition_response_count is not null

    group by size_group

    union all

    select
        'nps_implementation' as dimension,
        size_group as group_name,
        count(*) as customer_count,
        count(case when nps_implementation_response_count > 0 then customer_id end) as met_count

    from customers

    where nps_implementation_response_count is not null

    group by size_group

    union all

    select
        'nps_onboarding' as dimension,
        size_group as group_name,
        count(*) as customer_count,
        count(case when nps_onboarding_response_count > 0 then customer_id end) as met_count

    from customers

    where nps_onboarding_response_count is not null

    group by size_group

    union all

    select
        'nps_product' as dimension,
        size_group as group_name,
        count(*) as customer_count,
        count(case when nps_product_response_count > 0 then customer_id end) as met_count

    from customers

    where nps_product_response_count is not null

    group by size_group

    union all

    select
        'nps_support' as dimension,
        size_group as group_name,
        count(*) as customer_count,
        count(case when nps_support_response_count > 0 then customer_id end) as met_count

    from customers

    where nps_support_response_count is not null

    group by size_group

)

select * from counted

order by dimension, group_name
