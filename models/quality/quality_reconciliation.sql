{%- set families = screened_families() -%}
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

    from {{ ref(models.staging) }}
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

    from {{ ref(models.screened) }} as screened
    {% if models.screened == 'int_nps_responses__screened' %}
    where screened.family = '{{ family }}'
    {% endif %}
    group by screened.row_status
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

families_in_force as (

    select * from {{ ref('int_families__delivered') }}

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
    {%- endfor %} as silver_difference,
    families_in_force.is_delivered,
    families_in_force.delivery_in_force

from landed

inner join families_in_force
    on landed.family = families_in_force.family

left join bronze
    on landed.family = bronze.family

left join silver
    on landed.family = silver.family
