{#- Score -> its steps: which one a value is in, and the last one, which holds its upper end. -#}
{%- set steps = {
    'certainty': ('probability * 10', 9),
    'at_risk': ('at_risk_score / 25.0', 3),
    'satisfaction': ('satisfaction_score / 25.0', 3),
    'growth': ('growth_score / 25.0', 3)
} -%}

with

customer_signals as (

    select * from {{ ref('customer_signals') }}

),

customer_personas as (

    select * from {{ ref('customer_personas') }}

),

scored as (

    select
        customer_signals.*,
        customer_personas.probability

    from customer_signals

    inner join customer_personas
        on customer_signals.customer_id = customer_personas.customer_id

),

stepped as (
    {% for score, (step, last) in steps.items() %}
    select
        '{{ score }}' as score,
        persona_id,
        cast(floor({{ step }}) as bigint) as step,
        {{ last }} as last_step,
        mrr_brl

    from scored
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

known as (

    -- Who has no probability is in no step; of null and a number DuckDB takes the number as
    -- the least, Trino neither.
    select
        score,
        persona_id,
        least(step, last_step) as step,
        mrr_brl

    from stepped

    where step is not null

)

select
    score,
    persona_id,
    step,
    count(*) as customer_count,
    coalesce(cast(round(sum(mrr_brl)) as bigint), 0) as mrr_brl

from known

group by score, persona_id, step

having count(*) >= {{ var_int('smallest_cell') }}
