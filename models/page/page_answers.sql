{%- set smallest_cell = var_int('smallest_cell') -%}
{#- Questions about customers by segment, size and tenure: who is meant; null where unknown. -#}
{%- set asked_by_attribute = {
    'does_satisfaction_differ': "last_promoter_group = 'promoter'",
    'who_buys_again': 'purchase_count_last_12_months >= 2',
    'who_is_left_out_of_telemetry': 'not in_telemetria'
} -%}
{%- set attributes = ['segment', 'size_group', 'tenure_band'] -%}
{%- set kinds_of_contract = ['commercial_model', 'product_line', 'billing_period'] -%}

with

customers as (

    select * from {{ ref('page_customers') }}

),

contract_lines as (

    select * from {{ ref('fct_contract_lines') }}

    where contract_status in ('active', 'cancelled')

),

dimensions as (

    select * from {{ ref('page_dimensions') }}

),

judged as (
    {% for question, is_met in asked_by_attribute.items() %}
    {%- for attribute in attributes %}
    select
        '{{ question }}' as question,
        '{{ attribute }}' as dimension,
        {{ attribute }} as group_name,
        {{ is_met }} as is_met

    from customers

    union all
    {% endfor %}
    {%- endfor %}
    {%- for survey in surveys() %}
    select
        'which_surveys_reach_whom' as question,
        'nps_{{ survey }}' as dimension,
        size_group as group_name,
        nps_{{ survey }}_response_count > 0 as is_met

    from customers

    union all
    {% endfor %}
    {%- for kind in kinds_of_contract %}
    -- A large customer with a hundred lines of a kind counts once.
    select
        'what_distinguishes_cancelled_contracts' as question,
        '{{ kind }}' as dimension,
        coalesce({{ kind }}, 'Sem informação') as group_name,
        max(case when contract_status = 'cancelled' then 1 else 0 end) = 1 as is_met

    from contract_lines

    group by customer_id, coalesce({{ kind }}, 'Sem informação')

    union all
    {% endfor %}
    select
        'do_tickets_go_with_usage' as question,
        'usage_group' as dimension,
        usage_group as group_name,
        case when usage_group is not null then ticket_count_last_12_months > 0 end as is_met

    from customers

),

counted as (

    select
        question,
        dimension,
        group_name,
        count(*) as customer_count,
        count(case when is_met then question end) as met_count,
        {{ share('count(case when is_met then question end)', 'count(*)') }} as group_share

    from judged

    where is_met is not null

    group by question, dimension, group_name

),

ranked_by_mrr as (

    select
        mrr_brl,
        ntile(10) over (order by mrr_brl desc, customer_id asc) as mrr_tenth

    from customers

    where mrr_brl is not null

),

mrr_total as (

    select sum(mrr_brl) as mrr_brl

    from ranked_by_mrr

),

-- A description without a condition to meet: the group's share is one of the MRR.
mrr_tenths as (

    select
        'where_is_the_revenue' as question,
        'mrr_tenth' as dimension,
        cast(ranked_by_mrr.mrr_tenth as varchar) as group_name,
        count(*) as customer_count,
        cast(null as bigint) as met_count,
        {{ share('sum(ranked_by_mrr.mrr_brl)', 'cast(max(mrr_total.mrr_brl) as double)') }} as group_share

    from ranked_by_mrr

    cross join mrr_total

    group by ranked_by_mrr.mrr_tenth

),

all_groups as (

    select * from counted

    union all

    select * from mrr_tenths

),

shown as (

    select *

    from all_groups

    where customer_count >= {{ smallest_cell }}

    union all

    -- Without a name: the customers of all groups too small to be shown.
    select
        question,
        dimension,
        cast(null as varchar) as group_name,
        cast(sum(customer_count) as bigint) as customer_count,
        cast(null as bigint) as met_count,
        cast(null as double) as group_share

    from all_groups

    where customer_count < {{ smallest_cell }}

    group by question, dimension

)

select
    shown.question,
    shown.dimension,
    dimensions.label_pt,
    dimensions.label_en,
    shown.group_name,
    shown.customer_count,
    shown.met_count,
    shown.group_share

from shown

left join dimensions
    on shown.dimension = dimensions.dimension
