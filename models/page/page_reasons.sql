{#- Terms of a persona that are shown, beside what is common. -#}
{%- set shown_count = 8 -%}
with

reasons as (

    select * from {{ ref('customer_reasons') }}

),

customers as (

    select * from {{ ref('page_customers') }}

    where persona_id >= 0

),

features as (

    select * from {{ ref('dim_features') }}

),

averaged as (

    -- A feature that is unknown of a customer adds nothing, so all customers are the divisor.
    select
        customers.persona_id,
        reasons.term,
        sum(cast(reasons.contribution as decimal(18, 6))) as contribution

    from reasons

    inner join customers
        on reasons.customer_id = customers.customer_id

    where reasons.term != 'rest'

    group by customers.persona_id, reasons.term

),

sizes as (

    select
        persona_id,
        count(*) as customer_count

    from customers

    group by persona_id

    having count(*) >= {{ var_int('smallest_cell') }}

),

ranked as (

    select
        averaged.persona_id,
        averaged.term,
        {{ share('averaged.contribution', 'sizes.customer_count') }} as mean_contribution,
        row_number() over (
            partition by averaged.persona_id
            order by abs(averaged.contribution) desc, averaged.term asc
        ) as place

    from averaged

    inner join sizes
        on averaged.persona_id = sizes.persona_id

)

select
    ranked.persona_id,
    ranked.place,
    coalesce(features.feature_label, 'Frequência na base') as label_pt,
    coalesce(features.feature_label_en, 'Frequency among customers') as label_en,
    round(ranked.mean_contribution, 3) as mean_contribution

from ranked

left join features
    on ranked.term = features.feature

where ranked.place <= {{ shown_count }}
