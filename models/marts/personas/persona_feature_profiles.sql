with

customer_personas as (

    select
        customer_id,
        coalesce(persona_id, -1) as persona_id

    from {{ ref('customer_personas') }}

),

personas as (

    select * from {{ ref('dim_personas') }}

),

features as (

    select dim_features.*

    from {{ ref('persona_features') }} as persona_features

    inner join {{ ref('dim_features') }} as dim_features
        on persona_features.feature = dim_features.feature

),

feature_values as (

    select
        customer_personas.persona_id,
        customer_features.feature,
        customer_features.feature_value

    from {{ ref('customer_features') }} as customer_features

    inner join features
        on customer_features.feature = features.feature

    inner join customer_personas
        on customer_features.customer_id = customer_personas.customer_id

),

counted as (

    select
        persona_id,
        feature,
        count(*) as customer_count,
        count(feature_value) as known_count,
        count(case when feature_value = 0 then persona_id end) as zero_count

    from feature_values

    group by persona_id, feature

),

ranked as (

    select
        persona_id,
        feature,
        feature_value,
        row_number() over (partition by persona_id, feature order by feature_value) as value_position,
        count(*) over (partition by persona_id, feature) as value_count,
        count(*) over (partition by feature) as all_count,
        -- Twice the mean rank of equal values, which keeps it an integer.
        2 * rank() over (partition by feature order by feature_value)
        + count(*) over (partition by feature, feature_value) - 1 as doubled_rank

    from feature_values

    where feature_value is not null

),

measured as (

    -- Quartiles by nearest rank: always a value that some customer has, and exact on
    -- both engines. The difference is Cliff's delta (1993): the chance that a customer
    -- of the persona lies above one of the rest, less the chance that it lies below.
    select
        persona_id,
        feature,
        min(case when 4 * value_position >= value_count then feature_value end) as lower_quartile,
        min(case when 2 * value_position >= value_count then feature_value end) as median,
        min(case when 4 * value_position >= 3 * value_count then feature_value end) as upper_quartile,
        {{ share(
            'sum(doubled_rank) - max(value_count) * (max(value_count) + 1)',
            'max(value_count) * (max(all_count) - max(value_count))'
        ) }} - 1 as difference_from_rest

    from ranked

    group by persona_id, feature

)

select
    personas.persona_id,
    features.feature,
    personas.persona_name,
    features.feature_label,
    features.feature_block,
    coalesce(counted.customer_count, 0) as customer_count,
    {{ share('counted.zero_count', 'counted.known_count') }} as zero_share,
    {{ share('(counted.customer_count - counted.known_count)', 'counted.customer_count') }} as unknown_share,
    measured.lower_quartile,
    measured.median,
    measured.upper_quartile,
    measured.difference_from_rest

from personas

cross join features

left join counted
    on personas.persona_id = counted.persona_id
    and features.feature = counted.feature

left join measured
    on personas.persona_id = measured.persona_id
    and features.feature = measured.feature
