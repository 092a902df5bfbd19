{#- Column of the vendor -> the seed that knows its labels. -#}
{%- set seeds = {
    'segment_label': 'segments',
    'sub_segment_label': 'sub_segments',
    'revenue_band_label': 'revenue_bands',
    'commercial_model_label': 'commercial_models',
    'contract_status_label': 'contract_statuses'
} -%}
{#- Labels that the ticket system fixes. -#}
{%- set fixed_labels = {
    'ticket_type': "'question', 'problem', 'task', 'incident'",
    'ticket_status': "'new', 'open', 'pending', 'hold', 'solved', 'closed'",
    'priority': "'low', 'normal', 'high', 'urgent'"
} -%}

with

families_in_force as (

    select * from {{ ref('int_families__delivered') }}

    where is_delivered

),

contract_lines as (

    select * from {{ ref('int_contract_lines__screened') }}

    where row_status = 'kept'

),

tickets as (

    select * from {{ ref('int_tickets__screened') }}

    where row_status = 'kept'

),

labels as (
    {% for column, seed in seeds.items() %}
    select
        'dados_clientes' as family,
        '{{ column }}' as column_name,
        contract_lines.{{ column }} as label,
        {{ seed }}.label is not null as is_known,
        contract_lines.delivery_date,
        contract_lines.customer_id

    from contract_lines

    left join {{ ref(seed) }} as {{ seed }}
        on contract_lines.{{ column }} = {{ seed }}.label

    union all
    {% endfor %}
    {%- for column, labels in fixed_labels.items() %}
    select
        'tickets' as family,
        '{{ column }}' as column_name,
        {{ column }} as label,
        {{ column }} in ({{ labels }}) as is_known,
        delivery_date,
        customer_id

    from tickets
    {% if not loop.last %}
    union all
    {% endif %}
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

where labels.label is not null

group by
    labels.family,
    labels.column_name,
    labels.label,
    labels.is_known
