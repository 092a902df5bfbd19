-- The features are known when dbt compiles, not when it looks for refs.
-- depends_on: {{ ref('customer_360') }}
with

figures as (
    {% for feature in numeric_features() if feature.family %}
    {%- for figure, condition in {'unknown_share': 'is null', 'zero_share': '= 0'}.items() %}
    select
        '{{ feature.family }}' as family,
        '{{ figure }}' as figure,
        '{{ feature.name }}' as column_name,
        {{ share('count(case when ' ~ feature.name ~ ' ' ~ condition ~ ' then 1 end)', 'count(*)') }} as figure_value,
        count(*) as measured_count

    from {{ ref('customer_360') }}

    union all
    {% endfor %}
    {%- endfor %}
    select
        '' as family,
        '' as figure,
        '' as column_name,
        cast(null as double) as figure_value,
        cast(null as bigint) as measured_count

    where 1 = 0

)

select
    figures.family,
    figures.family as subject,
    figures.figure,
    figures.column_name,
    figures.figure_value,
    figures.measured_count

from figures

-- On an earlier day looked back to, what happened later is unknown or zero, and rightly so.
inner join {{ ref('int_build__context') }} as build_context
    on build_context.newest_delivery_date <= build_context.as_of_date
