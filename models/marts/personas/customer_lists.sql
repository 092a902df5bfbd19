with

signals as (

    select * from {{ ref('customer_signals') }}

    where score > 0

),

reasons as (

    select * from {{ ref('customer_signal_reasons') }}

),

customer_personas as (

    select * from {{ ref('customer_personas') }}

),

lists as (

    select * from {{ ref('lists') }}

),

customers as (

    select * from {{ ref('customer_360') }}

),

first_reasons as (

    select
        customer_id,
        signal,
        {%- for number in range(1, 4) %}
        max(case when reason_number = {{ number }} then text_pt end) as reason_{{ number }}_pt,
        max(case when reason_number = {{ number }} then text_en end) as reason_{{ number }}_en,
        {%- endfor %}
        -- The first action that can be taken.
        min(case when action_pt is not null then reason_number end) as action_number

    from reasons

    group by customer_id, signal

)

select
    lists.list_name,
    signals.signal_rank as list_rank,
    signals.signal_rank <= {{ var_int('list_capacity') }} as is_within_capacity,
    signals.customer_id,
    coalesce(customer_personas.persona_id, -1) as persona_id,
    customer_personas.persona_name,
    customer_personas.probability,
    customers.segment,
    {{ size_group('customers.revenue_band_rank') }} as size_group,
    signals.mrr_brl,
    signals.score,
    signals.known_share,
    signals.priority_brl,
    {%- for number in range(1, 4) %}
    first_reasons.reason_{{ number }}_pt,
    first_reasons.reason_{{ number }}_en,
    {%- endfor %}
    coalesce(advised.action_pt, lists.action_pt) as action_pt,
    coalesce(advised.action_en, lists.action_en) as action_en,
    customer_personas.as_of_date

from signals

inner join lists
    on signals.signal = lists.signal

inner join customers
    on signals.customer_id = customers.customer_id

inner join first_reasons
    on signals.customer_id = first_reasons.customer_id
    and signals.signal = first_reasons.signal

left join reasons as advised
    on first_reasons.customer_id = advised.customer_id
    and first_reasons.signal = advised.signal
    and first_reasons.action_number = advised.reason_number

left join customer_personas
    on signals.customer_id = customer_personas.customer_id
