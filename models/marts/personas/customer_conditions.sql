with

conditions as (

    select * from {{ ref('conditions') }}

)

select
    customer_features.customer_id,
    conditions.condition,
    customer_features.is_fitted,
    {{ is_met('customer_features.feature_value', 'conditions.comparison', 'conditions.threshold') }} as is_met

from {{ ref('customer_features') }} as customer_features

inner join conditions
    on customer_features.feature = conditions.feature
