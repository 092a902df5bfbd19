{%- set smallest_cell = var_int('smallest_cell') -%}
{%- set measures = {
    'mrr_brl': 'coalesce(cast(round(sum(mrr_brl)) as bigint), 0)',
    'probability_sum': 'round(cast(sum(cast(probability as decimal(18, 6))) as double), 2)',
    'ambiguous_count': 'count(case when is_ambiguous then customer_id end)',
    'answered_count': 'count(last_promoter_group)',
    'promoter_count': "count(case when last_promoter_group = 'promoter' then customer_id end)",
    'detractor_count': "count(case when last_promoter_group = 'detractor' then customer_id end)",
    'ticket_count': 'coalesce(cast(sum(ticket_count_last_12_months) as bigint), 0)',
    'user_count': 'count(case when usage_event_count > 0 then customer_id end)'
} -%}

with

customers as (

    select * from {{ ref('page_customers') }}

),

cells as (

    -- Null in one of the first three columns: any.
    select
        segment,
        size_group,
        state_group,
        persona_id,
        count(*) as customer_count,
        {%- for measure, expression in measures.items() %}
        {{ expression }} as {{ measure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}

    from customers

    group by cube(segment, size_group, state_group), persona_id

),

shown as (

    select *

    from cells

    where customer_count >= {{ smallest_cell }}

),

hidden as (

    select
        segment,
        size_group,
        state_group,
        cast(null as bigint) as persona_id,
        cast(sum(customer_count) as bigint) as customer_count,
        {%- for measure in measures %}
        cast(null as {{ 'double' if measure == 'probability_sum' else 'bigint' }}) as {{ measure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}

    from cells

    where customer_count < {{ smallest_cell }}

    group by segment, size_group, state_group

)

select * from shown

union all

select * from hidden
