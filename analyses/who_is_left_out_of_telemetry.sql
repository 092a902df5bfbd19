-- What do customers without telemetry look like? Those without any, by segment, size and
-- tenure.
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
        not customers.in_telemetria as is_met

    from customers

    inner join attributes
        on customers.customer_id = attributes.customer_id

    where true

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
