with

personas as (

    select * from {{ ref('dim_personas') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

    where not is_internal

),

feature_profiles as (

    select * from {{ ref('persona_feature_profiles') }}

),

features as (

    select * from {{ ref('persona_features') }}

),

sizes as (

    select
        persona_id,
        {%- for figure, expression in figures().items() %}
        {{ expression }} as {{ figure }},
        {%- endfor %}
        count(case when persona_status = 'not_scored' then customer_id end) as not_scored_customer_count,
        coalesce({{ sum_brl('active_contract_value_brl') }}, 0) as active_contract_value_brl

    from customers

    group by persona_id

),

totals as (

    select
        cast(sum(customer_count) as bigint) as customer_count,
        cast(sum(not_scored_customer_count) as bigint) as not_scored_customer_count,
        sum(mrr_brl) as mrr_brl

    from sizes

),

medians as (

    select
        persona_id,
        median as median_mrr_brl

    from feature_profiles

    where feature = 'mrr_brl'

),

levels as (

    -- A level is the weighted mean of the differences from the rest over the features
    -- that speak for it, stretched from -1..1 to the catalogue's -2..2.
    select
        feature_profiles.persona_id,
        {#- Rounded before it is summed, so that the order of the sum does not matter. #}
        {%- set weighted_difference = 'cast(features.sign * features.level_weight'
            ~ ' * feature_profiles.difference_from_rest as decimal(18, 6))' %}
        {%- for level in ['size', 'value', 'loyalty', 'engagement', 'satisfaction'] %}
        {%- set speaks = "features.level = '" ~ level
            ~ "' and feature_profiles.difference_from_rest is not null" %}
        2 * {{ share(
            'sum(case when ' ~ speaks ~ ' then ' ~ weighted_difference ~ ' end)',
            'sum(case when ' ~ speaks ~ ' then cast(features.level_weight as decimal(18, 6)) end)'
        ) }} as {{ level }}_level
        {%- if not loop.last %},{% endif %}
        {%- endfor %}

    from feature_profiles

    inner join features
        on feature_profiles.feature = features.feature

    group by feature_profiles.persona_id

)

select
    personas.persona_id,
    personas.persona_name,
    personas.persona_name_en,
    coalesce(sizes.customer_count, 0) > 0 as is_found,
    case
        when coalesce(sizes.customer_count, 0) > 0 then 'Encontrada'
        -- No customer was scored, so no persona was looked for.
        when totals.not_scored_customer_count = totals.customer_count then 'Não avaliada'
        else 'Não encontrada neste extrato'
    end as presence,
    coalesce(sizes.customer_count, 0) as customer_count,
    coalesce({{ share('sizes.customer_count', 'totals.customer_count') }}, 0) as customer_share,
    coalesce(sizes.ambiguous_count, 0) as ambiguous_customer_count,
    {{ share('sizes.probability_sum', 'sizes.with_persona_count') }} as mean_probability,
    coalesce(sizes.mrr_brl, 0) as mrr_brl,
    coalesce({{ share('sizes.mrr_brl', 'totals.mrr_brl') }}, 0) as mrr_share,
    coalesce(sizes.active_contract_value_brl, 0) as active_contract_value_brl,
    medians.median_mrr_brl,
    levels.size_level,
    levels.value_level,
    levels.loyalty_level,
    levels.engagement_level,
    levels.satisfaction_level,
    personas.profile,
    personas.needs,
    personas.action,
    personas.profile_en,
    personas.needs_en,
    personas.action_en,
    personas.color,
    personas.sort_order

from personas

cross join totals

left join sizes
    on personas.persona_id = sizes.persona_id

left join medians
    on personas.persona_id = medians.persona_id

left join levels
    on personas.persona_id = levels.persona_id
