{{ config(materialized='view') }}

with

profiles as (

    select * from {{ ref('persona_feature_profiles') }}

    where customer_count >= {{ var_int('smallest_cell') }}

),

labels as (

    select * from {{ ref('dim_features') }}

)

select
    profiles.persona_id,
    profiles.feature,
    labels.feature_label as label_pt,
    labels.feature_label_en as label_en,
    profiles.median,
    profiles.lower_quartile,
    profiles.upper_quartile,
    round(profiles.difference_from_rest, 4) as difference_from_rest

from profiles

inner join labels
    on profiles.feature = labels.feature
