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

known_customers as (

    select * from {{ ref('int_customers__screened') }}

    where row_status = 'kept'

),

events_by_store as (

    select
        folded.store_id,
        folded.delivery_date,
        folded.customer_id,
        sum(folded.row_count) as row_count

    from {{ ref('int_telemetry__folded') }} as folded

    inner join known_customers
        on folded.customer_id = known_customers.customer_id

    group by
        folded.store_id,
        folded.delivery_date,
        folded.customer_id

),

labels as (
    {% for family, (screened, seeds) in translated.items() %}
    {%- for column, seed in seeds.items() %}
    select
        '{{ family }}' as family,
        '{{ column }}' as column_name,
        records.{{ column }} as label,
        {{ seed }}.label is not null as is_known,
        records.delivery_date,
        records.customer_id,
        1 as row_count

    from {{ ref(screened) }} as records

    left join {{ ref(seed) }} as {{ seed }}
        on records.{{ column }} = {{ seed }}.label

    where records.row_status = 'kept'
        and records.{{ column }} is not null

    union all
    {% endfor %}
    {%- endfor %}
    select
        'telemetria' as family,
        'store_id' as column_name,
        events_by_store.store_id as label,
        store_codes.label is not null as is_known,
        events_by_store.delivery_date,
        events_by_store.customer_id,
        events_by_store.row_count

    from events_by_store

    left join {{ ref('store_codes') }} as store_codes
        on events_by_store.store_id = store_codes.label

    where events_by_store.store_id is not null

)

select
    labels.family,
    labels.column_name,
    labels.label,
    labels.is_known,
    cast(sum(labels.row_count) as bigint) as row_count,
    count(distinct labels.customer_id) as customer_count,
    cast(
        sum(
            case
                when labels.delivery_date = families_in_force.delivery_in_force
                    then labels.row_count
                else 0
            end
        ) as bigint
    ) as row_count_in_force

from labels

inner join families_in_force
    on labels.family = families_in_force.family

group by
    labels.family,
    labels.column_name,
    labels.label,
    labels.is_known
