{%- set screened_models = {
    'clientes_desde': 'int_customers__screened',
    'dados_clientes': 'int_contract_lines__screened',
    'mrr': 'int_mrr__screened',
    'contratacoes_ultimos_12_meses': 'int_purchases__screened',
    'historico': 'int_proposal_items__screened',
    'tickets': 'int_tickets__screened',
    'nps': 'int_nps_responses__screened',
    'telemetria': 'int_telemetry__screened'
} -%}

with

reason_codes as (

    select * from {{ ref('reason_codes') }}

),

set_aside as (
    {% for family, model in screened_models.items() %}
    select
        {{ 'family' if family == 'nps' else "'" ~ family ~ "' as family" }},
        customer_id,
        reason_code,
        unreadable_value,
        delivery_date,
        file_name,
        file_line

    from {{ ref(model) }}

    where row_status = 'set_aside'
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select
    set_aside.family,
    set_aside.file_name,
    set_aside.file_line,
    set_aside.delivery_date,
    set_aside.customer_id,
    set_aside.reason_code,
    reason_codes.meaning_pt as meaning,
    reason_codes.what_to_do,
    set_aside.unreadable_value

from set_aside

left join reason_codes
    on set_aside.reason_code = reason_codes.reason_code
