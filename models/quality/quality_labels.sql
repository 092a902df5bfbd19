{#- The vendor's columns whose labels seeds know, by family: the model and the seed of each column. -#}
{%- set translated = {
    'dados_clientes': ['int_contract_lines__screened', {
        'segment_label': 'segments',
        'sub_segment_label': 'sub_segments',
        'revenue_band_label': 'revenue_bands',
        'commercial_model_label': 'commercial_models',
        'contract_status_label': 'contract_statuses'
    }],
    'tickets': ['int_tickets__screened', {
        'ticket_type': 'ticket_types',
        'ticket_status': 'ticket_statuses',
        'priority': 'ticket_priorities'
    }]
} -%}

with

families_in_force as (

    select * from {{ ref('int_families__delivered') }}

    where is_delivered

),

labels as (
    {% for family, (screened, seeds) in translated.items() %}
    {%- set is_last_family = loop.last %}
    {%- for column, seed in seeds.items() %}
    select
        '{{ family }}' as family,
        '{{ column }}' as column_name,
        records.{{ column }} as label,
        {{ seed }}.label is not null as is_known,
        records.delivery_date,
        records.customer_id

    from {{ ref(screened) }} as records

    left join {{ ref(seed) }} as {{ seed }}
        on records.{{ column }} = {{ seed }}.label

    where records.row_status = 'kept'
        and records.{{ column }} is not null
    {% if not (loop.last and is_last_family) %}
    union all
    {% endif %}
    {%- endfor %}
    {%- endfor %}
)

select
    labels.family,
    labels.column_name,
    labels.label,
    labels.is_known,
    count(*) as row_count,
    count(distinct labels.customer_id) as customer_count,
    count(case when labels.delivery_date = families_in_force.delivery_in_force then 1 end)
        as row_count_in_force

from labels

inner join families_in_force
    on labels.family = families_in_force.family

group by
    labels.family,
    labels.column_name,
    labels.label,
    labels.is_known
