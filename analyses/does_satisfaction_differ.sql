-- Does satisfaction differ by segment, size and tenure? Of the customers that ever answered,
-- those who were promoters (9 or 10) in their last answer.
with

customers as (

    select * from {{ ref('customer_360') }}

    where not is_internal

),

attributes as (

    select
        customer_id,
        tenure_band

    from {{ ref('dim_customers') }}

),

judged as (

    select
        customers.customer_id,
        coalesce(customers.segment, 'Sem informação') as segment,
        {{ size_group('customers.revenue_band_rank') }} as size_group,
        attributes.tenure_band,
        customers.nps_last_score >= 9 as is_met

    from customers

    inner join attributes
        on customers.customer_id = attributes.customer_id

    where customers.nps_last_score is not null

),

counted as (

    select
        'segment' as dimension,
        segment as group_name,
        count(*) as customer_count,
        count(case when is_met then customer_id end) as met_count

    from judged

    group by segment

    union all

    select
        'size_group' as dimension,
        size_group as group_name,
        count(*) as customer_count,
        count(case when is_met then customer_id end) as met_count

    from judged

    group by size_group

    union all

    select
        'tenure_band' as dimension,
        tenure_band as group_name,
        count(*) as customer_count,
        count(case when is_met then customer_id end) as met_count

    from judged

    group by tenure_band

)

select * from counted

order by dimension, group_name
