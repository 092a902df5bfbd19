{#- Signal -> the customers that it is about, and the money that is concerned. A customer who
    has left can be won back, but is no longer at risk. -#}
{%- set signals = {
    'at_risk': {'is_concerned': 'mrr_brl > 0', 'value_column': 'mrr_brl'},
    'growth': {'is_concerned': 'mrr_brl > 0', 'value_column': 'mrr_brl'},
    'dissatisfied': {'is_concerned': 'mrr_brl > 0 or active_contract_line_count > 0', 'value_column': 'mrr_brl'},
    'win_back': {'is_concerned': 'has_left', 'value_column': 'lost_contract_value_brl'}
} -%}

with

customers as (

    select * from {{ ref('customer_360') }}

    where not is_internal

),

earlier as (

    select * from {{ ref('int_customers__earlier') }}

),

conditions_met as (

    select * from {{ ref('customer_conditions') }}

),

rules as (

    select * from {{ ref('signal_rules') }}

),

typical as (

    select {{ quantile('cancelled_contract_value_brl', 0.5) }} as cancelled_contract_value_brl

    from customers

    where cancelled_contract_value_brl > 0

),

valued as (

    select
        customers.customer_id,
        customers.mrr_brl,
        customers.active_contract_line_count,
        case
            when earlier.earlier_active_contract_value_brl > customers.cancelled_contract_value_brl
                then earlier.earlier_active_contract_value_brl
            else customers.cancelled_contract_value_brl
        end as lost_contract_value_brl,
        customers.active_contract_line_count = 0
        and coalesce(customers.mrr_brl, 0) = 0
        and (
            coalesce(earlier.earlier_mrr_brl, 0) > 0
            or coalesce(earlier.earlier_active_contract_value_brl, 0) > 0
            or coalesce(
                customers.cancelled_contract_value_brl > typical.cancelled_contract_value_brl, false
            )
        ) as has_left

    from customers

    cross join typical

    left join earlier
        on customers.customer_id = earlier.customer_id

),

concerned as (
    {% for signal, rule in signals.items() %}
    select
        '{{ signal }}' as signal,
        customer_id,
        mrr_brl,
        {{ rule.value_column }} as value_brl

    from valued

    where {{ rule.is_concerned }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

summed as (

    -- An unknown condition gives no points and lowers known_share: it is no zero.
    select
        concerned.signal,
        concerned.customer_id,
        max(concerned.mrr_brl) as mrr_brl,
        max(concerned.value_brl) as value_brl,
        least(cast(sum(case when conditions_met.is_met then rules.points else 0 end) as bigint), 100)
            as score,
        {{ share(
            'sum(case when conditions_met.is_met is null then 0 else rules.points end)',
            'sum(rules.points)'
        ) }} as known_share

    from concerned

    inner join rules
        on concerned.signal = rules.signal

    inner join conditions_met
        on rules.condition = conditions_met.condition
        and concerned.customer_id = conditions_met.customer_id

    group by concerned.signal, concerned.customer_id

),

weighed as (

    select
        *,
        cast(cast(coalesce(value_brl, 0) as double) * known_share * score / 100 as decimal(18, 6))
            as priority_brl

    from summed

)

select
    customer_id,
    signal,
    mrr_brl,
    value_brl,
    score,
    known_share,
    priority_brl,
    row_number() over (
        partition by signal
        order by priority_brl desc, score desc, coalesce(value_brl, 0) desc, customer_id asc
    ) as signal_rank

from weighed
