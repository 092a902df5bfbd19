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

),

tenure_bands as (

    select * from {{ ref('tenure_bands') }}

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
    coalesce(tenure_bands.tenure_band, 'Sem informação') as tenure_band,
    coalesce(tenure_bands.sort_order, 7) as tenure_band_sort_order,
    customer_360.is_internal

from customer_360

left join segments
    on customer_360.segment = segments.segment

left join tenure_bands
    on customer_360.tenure_months >= tenure_bands.from_month
    and customer_360.tenure_months < tenure_bands.below_month
