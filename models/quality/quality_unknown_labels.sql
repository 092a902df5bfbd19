{%- set label_columns = {
    'segment_label': 'segments',
    'sub_segment_label': 'sub_segments',
    'revenue_band_label': 'revenue_bands',
    'commercial_model_label': 'commercial_models',
    'contract_status_label': 'contract_statuses'
} -%}
{%- set ticket_labels = {
    'ticket_type': "'question', 'problem', 'task', 'incident'",
    'ticket_status': "'new', 'open', 'pending', 'hold', 'solved', 'closed'",
    'priority': "'low', 'normal', 'high', 'urgent'"
} -%}

with

contract_lines as (

    select * from {{ ref('int_contract_lines__screened') }}

    where row_status = 'kept'

),

tickets as (

    select * from {{ ref('int_tickets__screened') }}

    where row_status = 'kept'

),

unknown_labels as (
    {% for column, seed in label_columns.items() %}
    select
        '{{ column }}' as column_name,
        contract_lines.{{ column }} as label,
        count(*) as row_count,
        count(distinct contract_lines.customer_id) as customer_count

    from contract_lines

    left join {{ ref(seed) }} as {{ seed }}
        on contract_lines.{{ column }} = {{ seed }}.label

    where contract_lines.{{ column }} is not null
        and {{ seed }}.label is null

    group by contract_lines.{{ column }}

    union all
    {% endfor %}
    {%- for column, labels in ticket_labels.items() %}
    select
        '{{ column }}' as column_name,
        tickets.{{ column }} as label,
        count(*) as row_count,
        count(distinct tickets.customer_id) as customer_count

    from tickets

    where tickets.{{ column }} not in ({{ labels }})

    group by tickets.{{ column }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select * from unknown_labels
