{%- set screened_models = {
    'clientes_desde': 'int_customers__screened',
    'dados_clientes': 'int_contract_lines__screened',
    'mrr': 'int_mrr__screened',
    'contratacoes_ultimos_12_meses': 'int_purchases__screened',
    'historico': 'int_proposal_items__screened',
    'tickets': 'int_tickets__screened',
    'nps': 'int_nps_responses__screened'
} -%}

with

reason_codes as (

    select * from {{ ref('reason_codes') }}

),

telemetry_set_aside as (

    select * from {{ ref('int_telemetry__screened') }}

    where row_status = 'set_aside'

),

telemetry_events as (

    select * from {{ ref('int_telemetry__folded') }}

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
        file_line,
        1 as row_count

    from {{ ref(model) }}

    where row_status = 'set_aside'

    union all
    {% endfor %}
    -- One row per event: where it is first, and how often it is there.
    select
        'telemetria' as family,
        telemetry_events.customer_id,
        telemetry_set_aside.reason_code,
        telemetry_events.unreadable_value,
        telemetry_events.delivery_date,
        telemetry_events.file_name,
        telemetry_events.first_line as file_line,
        telemetry_events.row_count

    from telemetry_events

    inner join telemetry_set_aside
        on telemetry_events.delivery_date = telemetry_set_aside.delivery_date
        and coalesce(telemetry_events.customer_id, '') = coalesce(telemetry_set_aside.customer_id, '')
        and coalesce(telemetry_events.usage_date, cast('0001-01-01' as date))
        = coalesce(telemetry_set_aside.usage_date, cast('0001-01-01' as date))
        and coalesce(telemetry_events.module_id, '?') = telemetry_set_aside.module_id
        and (telemetry_events.unreadable_value is null) = telemetry_set_aside.is_readable
)

select
    set_aside.family,
    set_aside.file_name,
    set_aside.file_line,
    set_aside.row_count,
    set_aside.delivery_date,
    set_aside.customer_id,
    set_aside.reason_code,
    reason_codes.meaning_pt as meaning,
    reason_codes.what_to_do,
    set_aside.unreadable_value

from set_aside

left join reason_codes
    on set_aside.reason_code = reason_codes.reason_code
