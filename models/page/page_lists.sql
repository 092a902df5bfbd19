{#- Figures of a list of fewer customers are not shown; zero customers are no group that
    could be recognised. -#}
{%- set is_shown = 'listed_count = 0 or listed_count >= ' ~ var_int('smallest_cell') -%}
with

lists as (

    select * from {{ ref('lists') }}

),

customer_lists as (

    select * from {{ ref('customer_lists') }}

),

listed as (

    select * from customer_lists

    where is_within_capacity

),

counted as (

    select
        lists.list_name,
        lists.sort_order,
        lists.label_pt,
        lists.label_en,
        lists.about_pt,
        lists.about_en,
        lists.priority_label_pt,
        lists.priority_label_en,
        count(customer_lists.customer_id) as customer_count,
        count(listed.customer_id) as listed_count,
        coalesce({{ sum_brl('listed.mrr_brl') }}, 0) as listed_mrr_brl,
        coalesce({{ sum_brl('listed.priority_brl') }}, 0) as listed_priority_brl,
        coalesce({{ sum_brl('customer_lists.priority_brl') }}, 0) as priority_brl

    from lists

    left join customer_lists
        on lists.list_name = customer_lists.list_name

    left join listed
        on customer_lists.list_name = listed.list_name
        and customer_lists.customer_id = listed.customer_id

    group by
        lists.list_name,
        lists.sort_order,
        lists.label_pt,
        lists.label_en,
        lists.about_pt,
        lists.about_en,
        lists.priority_label_pt,
        lists.priority_label_en

)

select
    list_name,
    sort_order,
    label_pt,
    label_en,
    about_pt,
    about_en,
    priority_label_pt,
    priority_label_en,
    {%- for figure in ['customer_count', 'listed_count', 'listed_mrr_brl', 'listed_priority_brl'] %}
    case when {{ is_shown }} then {{ figure }} end as {{ figure }},
    {%- endfor %}
    case
        when {{ is_shown }} then {{ share('listed_priority_brl', 'cast(priority_brl as double)') }}
    end as listed_priority_share

from counted
