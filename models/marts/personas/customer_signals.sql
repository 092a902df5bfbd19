with

customers as (

    select * from {{ ref('customer_360') }}

    where not is_internal

),

customer_personas as (

    select
        customer_id,
        coalesce(persona_id, -1) as persona_id,
        as_of_date

    from {{ ref('customer_personas') }}

),

conditions as (

    select * from {{ ref('conditions') }}

),

rules as (

    select
        *,
        -- A power of two: the sum over the conditions met says which they were.
        cast(power(2, row_number() over (partition by signal order by condition) - 1) as bigint)
            as condition_bit

    from {{ ref('signal_rules') }}

),

judged as (

    select
        customer_features.customer_id,
        rules.signal,
        rules.points,
        rules.condition_bit,
        rules.condition,
        {{ is_met(
            'customer_features.feature_value', 'conditions.comparison', 'conditions.threshold'
        ) }} as is_met

    from {{ ref('customer_features') }} as customer_features

    inner join conditions
        on customer_features.feature = conditions.feature

    inner join rules
        on conditions.condition = rules.condition

    inner join customers
        on customer_features.customer_id = customers.customer_id

),

summed as (

    -- What is unknown gives no points, and is told: it is no zero.
    select
        customer_id,
        signal,
        least(cast(sum(case when is_met then points else 0 end) as bigint), 100) as score,
        {{ share('sum(case when is_met is null then 0 else points end)', 'sum(points)') }} as known_share,
        cast(sum(case when is_met then condition_bit else 0 end) as bigint) as met_conditions

    from judged

    group by customer_id, signal

),

examples as (

    -- Customers who meet the same conditions have the same reasons: these are worded once.
    select
        signal,
        met_conditions,
        min(customer_id) as customer_id

    from summed

    group by signal, met_conditions

),

worded as (

    select
        examples.signal,
        examples.met_conditions,
        {{ joined_text(
            "'+' || cast(judged.points as varchar) || ' ' || conditions.text_pt",
            'judged.points desc, judged.condition'
        ) }} as reasons_pt,
        {{ joined_text(
            "'+' || cast(judged.points as varchar) || ' ' || conditions.text_en",
            'judged.points desc, judged.condition'
        ) }} as reasons_en

    from examples

    inner join judged
        on examples.customer_id = judged.customer_id
        and examples.signal = judged.signal
        and judged.is_met

    inner join conditions
        on judged.condition = conditions.condition

    group by examples.signal, examples.met_conditions

),

scored as (

    select
        summed.*,
        worded.reasons_pt,
        worded.reasons_en

    from summed

    left join worded
        on summed.signal = worded.signal
        and summed.met_conditions = worded.met_conditions

),

by_customer as (

    select
        customer_id,
        coalesce(max(case when signal = 'at_risk' then score end), 0) as at_risk_score,
        max(case when signal = 'at_risk' then reasons_pt end) as at_risk_reasons,
        max(case when signal = 'at_risk' then reasons_en end) as at_risk_reasons_en,
        max(case when signal = 'at_risk' then known_share end) as at_risk_known_share,
        coalesce(max(case when signal = 'satisfaction' then score end), 0) as satisfaction_score,
        max(case when signal = 'satisfaction' then reasons_pt end) as satisfaction_reasons,
        max(case when signal = 'satisfaction' then reasons_en end) as satisfaction_reasons_en,
        max(case when signal = 'satisfaction' then known_share end) as satisfaction_known_share,
        coalesce(max(case when signal = 'growth' then score end), 0) as growth_score,
        max(case when signal = 'growth' then reasons_pt end) as growth_reasons,
        max(case when signal = 'growth' then reasons_en end) as growth_reasons_en,
        max(case when signal = 'growth' then known_share end) as growth_known_share

    from scored

    group by customer_id

),

signals as (

    select
        customers.customer_id,
        customer_personas.persona_id,
        customers.mrr_brl,
        coalesce(by_customer.at_risk_score, 0) as at_risk_score,
        by_customer.at_risk_reasons,
        by_customer.at_risk_reasons_en,
        by_customer.at_risk_known_share,
        coalesce(by_customer.satisfaction_score, 0) as satisfaction_score,
        by_customer.satisfaction_reasons,
        by_customer.satisfaction_reasons_en,
        by_customer.satisfaction_known_share,
        coalesce(by_customer.growth_score, 0) as growth_score,
        by_customer.growth_reasons,
        by_customer.growth_reasons_en,
        by_customer.growth_known_share,
        customer_personas.as_of_date

    from customers

    inner join customer_personas
        on customers.customer_id = customer_personas.customer_id

    left join by_customer
        on customers.customer_id = by_customer.customer_id

),

ranked as (

    -- Of two with the same score the one worth more is called first.
    select
        customer_id,
        persona_id,
        mrr_brl,
        at_risk_score,
        row_number() over (
            order by at_risk_score desc, coalesce(mrr_brl, 0) desc, customer_id asc
        ) as at_risk_rank,
        at_risk_reasons,
        at_risk_reasons_en,
        at_risk_known_share,
        satisfaction_score,
        row_number() over (
            order by satisfaction_score desc, coalesce(mrr_brl, 0) desc, customer_id asc
        ) as satisfaction_rank,
        satisfaction_reasons,
        satisfaction_reasons_en,
        satisfaction_known_share,
        growth_score,
        row_number() over (
            order by growth_score desc, coalesce(mrr_brl, 0) desc, customer_id asc
        ) as growth_rank,
        growth_reasons,
        growth_reasons_en,
        growth_known_share,
        as_of_date

    from signals

)

select * from ranked
