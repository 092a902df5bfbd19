{%- set families = {
    'clientes_desde': ('stg_erp__customers', 'int_customers__screened'),
    'dados_clientes': ('stg_erp__contract_lines', 'int_contract_lines__screened'),
    'mrr': ('stg_erp__mrr', 'int_mrr__screened'),
    'contratacoes_ultimos_12_meses': ('stg_erp__purchases_last_12_months', 'int_purchases__screened'),
    'historico': ('stg_erp__proposal_items', 'int_proposal_items__screened'),
    'tickets': ('stg_erp__tickets', 'int_tickets__screened'),
    'nps_relacional': ('stg_erp__nps_relational', 'int_nps_responses__screened'),
    'nps_transacional_aquisicao': ('stg_erp__nps_acquisition', 'int_nps_responses__screened'),
    'nps_transacional_implantacao': ('stg_erp__nps_implementation', 'int_nps_responses__screened'),
    'nps_transacional_onboarding': ('stg_erp__nps_onboarding', 'int_nps_responses__screened'),
    'nps_transacional_produto': ('stg_erp__nps_product', 'int_nps_responses__screened'),
    'nps_transacional_suporte': ('stg_erp__nps_support', 'int_nps_responses__screened'),
    'telemetria': ('stg_erp__telemetry', 'int_telemetry__screened')
} -%}
{%- set statuses = ['kept', 'duplicate', 'superseded', 'later', 'set_aside'] -%}

with

landed as (

    select
        family,
        cast(sum(record_count) as bigint) as record_count,
        cast(sum(landed_count) as bigint) as landed_count,
        cast(sum(quarantined_count) as bigint) as quarantined_count

    from {{ ref('stg_erp__landed_files') }}

    group by family

),

bronze as (
    {% for family, models in families.items() %}
    select
        '{{ family }}' as family,
        count(*) as bronze_count,
        {#- Telemetry is read once, and not here. #}
        {{ 'cast(null as bigint)' if family == 'telemetria' else 'cast(sum(null_word_count) as bigint)' }}
            as null_word_count

    from {{ ref(models[0]) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

telemetry as (

    select cast(sum(null_word_count) as bigint) as null_word_count

    from {{ ref('int_telemetry__folded') }}

),

judged as (
    {% for family, models in families.items() %}
    select
        '{{ family }}' as family,
        screened.row_status as status,
        {#- A row of telemetry stands for several records. #}
        {{ 'sum(screened.event_count)' if family == 'telemetria' else 'count(*)' }} as records

    from {{ ref(models[1]) }} as screened
    {% if models[1] == 'int_nps_responses__screened' %}
    where screened.family = '{{ family }}'
    {% endif %}
    group by screened.row_status
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

silver as (

    select
        family,
        {%- for status in statuses %}
        cast(sum(case when status = '{{ status }}' then records else 0 end) as bigint) as {{ status }}_count
        {%- if not loop.last %},{% endif %}
        {%- endfor %}

    from judged

    group by family

)

select
    landed.family,
    landed.record_count,
    landed.quarantined_count,
    landed.landed_count,
    bronze.bronze_count,
    coalesce(
        case
            when landed.family = 'telemetria' then (select telemetry.null_word_count from telemetry)
            else bronze.null_word_count
        end,
        0
    ) as null_word_count,
    {%- for status in statuses %}
    coalesce(silver.{{ status }}_count, 0) as {{ status }}_count,
    {%- endfor %}
    landed.record_count - landed.quarantined_count - landed.landed_count as landing_difference,
    landed.landed_count - bronze.bronze_count as bronze_difference,
    bronze.bronze_count
    {%- for status in statuses %}
    - coalesce(silver.{{ status }}_count, 0)
    {%- endfor %} as silver_difference

from landed

left join bronze
    on landed.family = bronze.family

left join silver
    on landed.family = silver.family
