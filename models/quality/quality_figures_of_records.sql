{%- set families = screened_families() -%}

with

families_in_force as (

    select * from {{ ref('int_families__delivered') }}

    where is_delivered

),

screened as (
    {% for family, models in families.items() %}
    select
        '{{ family }}' as family,
        each_screened.customer_id,
        each_screened.delivery_date,
        each_screened.reason_code,
        {{ models.day | default('cast(null as date)') }} as covered_date,
        {{ 'true' if models.day else 'false' }} as adds_up,
        {%- if family == 'telemetria' %}
        each_screened.event_count as record_count,
        cast(null as varchar) as file_name,
        cast(null as bigint) as file_line
        {%- else %}
        1 as record_count,
        each_screened.file_name,
        each_screened.file_line
        {%- endif %}

    from {{ ref(models.screened) }} as each_screened
    {% if models.screened == 'int_nps_responses__screened' %}
    where each_screened.family = '{{ family }}'
    {% endif %}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

delivered as (

    select screened.*

    from screened

    inner join families_in_force
        on screened.family = families_in_force.family
        and screened.delivery_date = families_in_force.delivery_in_force

),

customers as (

    select distinct customer_id

    from delivered

    where family = 'clientes_desde'
        and reason_code is null

),

customers_elsewhere as (

    select distinct customer_id

    from delivered

    where family != 'clientes_desde'
        and customer_id is not null

),

keys as (

    -- A key of clientes_desde is met when any other family has it, a key of another family
    -- when clientes_desde has it.
    select
        delivered.family,
        delivered.customer_id,
        case
            when delivered.family = 'clientes_desde' then customers_elsewhere.customer_id is not null
            else customers.customer_id is not null
        end as is_met,
        min(delivered.file_name) as file_name,
        min(delivered.file_line) as file_line

    from delivered

    left join customers
        on delivered.customer_id = customers.customer_id

    left join customers_elsewhere
        on delivered.customer_id = customers_elsewhere.customer_id

    where delivered.customer_id is not null

    group by
        delivered.family,
        delivered.customer_id,
        customers.customer_id,
        customers_elsewhere.customer_id

),

keys_not_met as (

    -- The first one of each family, to show its form and its place.
    select
        family,
        {{ masked_text('customer_id') }} as example,
        file_name,
        file_line,
        row_number() over (partition by family order by file_name, file_line, customer_id) as key_number

    from keys

    where not is_met

),

met_keys as (

    select
        family,
        {{ share('count(case when is_met then 1 end)', 'count(*)') }} as figure_value,
        count(*) as measured_count

    from keys

    group by family

),

met_elsewhere as (

    select
        {{ share('count(customers.customer_id)', 'count(*)') }} as figure_value,
        count(*) as measured_count

    from customers_elsewhere

    left join customers
        on customers_elsewhere.customer_id = customers.customer_id

),

counted as (

    -- A delivered file may hold no record at all.
    select
        families_in_force.family,
        cast(coalesce(sum(delivered.record_count), 0) as bigint) as record_count,
        -- No day in a family whose deliveries add up: its records cannot be compared.
        case
            when max(case when delivered.adds_up then 1 else 0 end) = 1
                then nullif(count(distinct delivered.covered_date), 0)
            else 1
        end as covered_days,
        cast(
            sum(case when delivered.reason_code is not null then delivered.record_count else 0 end) as bigint
        ) as set_aside_count

    from families_in_force

    left join delivered
        on families_in_force.family = delivered.family

    group by families_in_force.family

),

accepted_customers as (

    {{ last_build_of('accepted_customers', {
        'customer_id': 'varchar', 'delivery_date': 'date', 'extract_id': 'varchar'
    }) }}

),

accepted_before as (

    -- A delivery older than the accepted one lacks the customers who came later, and one that
    -- was taken out is no measure.
    select accepted_customers.customer_id

    from accepted_customers

    inner join {{ ref('int_build__context') }} as build_context
        on accepted_customers.extract_id = build_context.extract_id

    inner join families_in_force
        on families_in_force.family = 'clientes_desde'
        and accepted_customers.delivery_date <= families_in_force.delivery_in_force

    where {{ is_still_delivered('accepted_customers.delivery_date') }}

),

both_lists as (

    select
        count(accepted_before.customer_id) as accepted_count,
        count(customers.customer_id) as customer_count,
        count(case when customers.customer_id is null then 1 end) as lost_count,
        count(case when accepted_before.customer_id is null then 1 end) as new_count

    from customers

    full outer join accepted_before
        on customers.customer_id = accepted_before.customer_id

),

figures as (

    select
        family,
        family as subject,
        'row_count' as figure,
        {{ share('record_count', 'covered_days') }} as figure_value,
        record_count as measured_count

    from counted

    union all

    select
        family,
        family as subject,
        'set_aside_share' as figure,
        {{ share('set_aside_count', 'record_count') }} as figure_value,
        record_count as measured_count

    from counted

    union all

    select
        family,
        family as subject,
        'known_key_share' as figure,
        figure_value,
        measured_count

    from met_keys

    where family != 'clientes_desde'

    union all

    select
        'clientes_desde' as family,
        'spine' as subject,
        'met_key_share' as figure,
        figure_value,
        measured_count

    from met_elsewhere

    union all

    select
        'clientes_desde' as family,
        'spine' as subject,
        'lost_customer_share' as figure,
        {{ share('lost_count', 'accepted_count') }} as figure_value,
        accepted_count as measured_count

    from both_lists

    union all

    select
        'clientes_desde' as family,
        'spine' as subject,
        'new_customer_share' as figure,
        case when accepted_count > 0 then {{ share('new_count', 'customer_count') }} end as figure_value,
        accepted_count as measured_count

    from both_lists

)

select
    figures.*,
    keys_not_met.example,
    keys_not_met.file_name,
    keys_not_met.file_line

from figures

left join keys_not_met
    on figures.family = keys_not_met.family
    and figures.figure like '%key_share'
    and keys_not_met.key_number = 1
