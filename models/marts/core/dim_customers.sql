with

customer_360 as (

    select * from {{ ref('customer_360') }}

),

segments as (

    -- Several labels of the vendor may be one segment.
    select distinct
        segment,
        segment_en

    from {{ ref('segments') }}

)

select
    customer_360.customer_id,
    customer_360.segment,
    case when customer_360.segment is not null then coalesce(segments.segment_en, 'Other') end as segment_en,
    customer_360.sub_segment,
    coalesce(customer_360.revenue_band, 'Sem informação') as revenue_band,
    customer_360.revenue_band_rank,
    customer_360.city,
    customer_360.state,
    customer_360.country_name,
    customer_360.economic_activity,
    customer_360.main_commercial_model,
    customer_360.customer_since_date,
    case
        when customer_360.tenure_months < 12 then 'Menos de 1 ano'
        when customer_360.tenure_months < 36 then '1 a 3 anos'
        when customer_360.tenure_months < 60 then '3 a 5 anos'
        when customer_360.tenure_months < 120 then '5 a 10 anos'
        when customer_360.tenure_months < 240 then '10 a 20 anos'
        when customer_360.tenure_months >= 240 then '20 anos ou mais'
        else 'Sem informação'
    end as tenure_band,
    case
        when customer_360.tenure_months < 12 then cast(1 as bigint)
        when customer_360.tenure_months < 36 then 2
        when customer_360.tenure_months < 60 then 3
        when customer_360.tenure_months < 120 then 4
        when customer_360.tenure_months < 240 then 5
        when customer_360.tenure_months >= 240 then 6
        else 7
    end as tenure_band_sort_order,
    customer_360.is_internal

from customer_360

left join segments
    on customer_360.segment = segments.segment
