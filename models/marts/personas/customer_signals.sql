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

    select * from {{ ref('signal_rules') }}

),

condition_values as (
    {% for feature in condition_features() %}
    select
        customer_id,
        '{{ feature }}' as feature,
        cast({{ feature }} as double) as feature_value

    from customers
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

judged as (

    select
        condition_values.customer_id,
        rules.signal,
        rules.points,
        conditions.condition,
        conditions.text_pt,
        conditions.text_en,
        {{ is_met(
            'condition_values.feature_value', 'conditions.comparison', 'conditions.threshold'
        ) }} as is_met

    from condition_values

    inner join conditions
        on condition_values.feature = conditions.feature

    inner join rules
        on conditions.condition = rules.condition

),

worded as (

    select
        customer_id,
        signal,
        points,
        condition,
        is_met,
        case when is_met then '+' || cast(points as varchar) || ' ' || text_pt end as reason_pt,
        case when is_met then '+' || cast(points as varchar) || ' ' || text_en end as reason_en

    from judged

),

scored as (

    -- What is unknown gives no points, and is told: it is no zero.
    select
        customer_id,
        signal,
        least(cast(sum(case when is_met then points else 0 end) as bigint), 100) as score,
        {{ share('sum(case when is_met is null then 0 else points end)', 'sum(points)') }} as known_share,
        {{ joined_text('reason_pt', 'points desc, condition') }} as reasons_pt,
        {{ joined_text('reason_en', 'points desc, condition') }} as reasons_en

    from worded

    group by customer_id, signal

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
