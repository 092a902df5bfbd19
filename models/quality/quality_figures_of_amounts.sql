{%- set quantiles = {'median': 0.5, 'upper_quantile': 0.95, 'top_quantile': 0.99} -%}
{%- set amount_columns = [] -%}
{%- for family, models in screened_families().items() -%}
{%- for column in models.amounts -%}
{%- do amount_columns.append([family, models.screened, column]) -%}
{%- endfor -%}
{%- endfor -%}

with

families_in_force as (

    select * from {{ ref('int_families__delivered') }}

    where is_delivered

),

amounts as (
    {% for family, screened, column in amount_columns %}
    select
        '{{ family }}' as family,
        '{{ column }}' as column_name,
        delivery_date,
        cast(abs({{ column }}) as double) as amount,
        {%- if family == 'telemetria' %}
        cast(null as varchar) as file_name,
        cast(null as bigint) as file_line
        {%- else %}
        file_name,
        file_line
        {%- endif %}

    from {{ ref(screened) }}

    where reason_code is null
        and {{ column }} != 0
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

delivered as (

    select amounts.*

    from amounts

    inner join families_in_force
        on amounts.family = families_in_force.family
        and amounts.delivery_date = families_in_force.delivery_in_force

),

scales as (

    select
        family,
        column_name,
        {%- for figure, share_below in quantiles.items() %}
        {{ quantile('amount', share_below) }} as {{ figure }},
        {%- endfor %}
        count(*) as measured_count

    from delivered

    group by
        family,
        column_name

),

figures as (
    {% for figure in quantiles %}
    select
        family,
        column_name,
        '{{ figure }}' as figure,
        {{ figure }} as figure_value,
        measured_count

    from scales
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

placed as (

    -- A quantile is the amount of a record, so there is a place to look at.
    select
        figures.family,
        figures.column_name,
        figures.figure,
        min(delivered.file_name) as file_name,
        min(delivered.file_line) as file_line

    from figures

    inner join delivered
        on figures.family = delivered.family
        and figures.column_name = delivered.column_name
        and figures.figure_value = delivered.amount

    group by
        figures.family,
        figures.column_name,
        figures.figure

)

select
    figures.family,
    figures.family as subject,
    figures.figure,
    figures.column_name,
    figures.figure_value,
    figures.measured_count,
    placed.file_name,
    placed.file_line

from figures

inner join placed
    on figures.family = placed.family
    and figures.column_name = placed.column_name
    and figures.figure = placed.figure
