with

customers as (

    select * from {{ ref('customer_360') }}

    where not is_internal

),

named_features as (

    select
        conditions_and_personas.feature,
        max(conditions_and_personas.fits) = 1 as is_fitted

    from (
        select
            feature,
            case when role = 'fit' then 1 else 0 end as fits

        from {{ ref('persona_features') }}

        union all

        select
            feature,
            0 as fits

        from {{ ref('conditions') }}
    ) as conditions_and_personas

    group by conditions_and_personas.feature

)
{% for feature in numeric_features() %}
select
    customers.customer_id,
    named_features.feature,
    named_features.is_fitted,
    cast(customers.{{ feature.name }} as double) as feature_value

from customers

inner join named_features
    on named_features.feature = '{{ feature.name }}'
{% if not loop.last %}
union all
{% endif %}
{%- else %}
select
    customers.customer_id,
    named_features.feature,
    named_features.is_fitted,
    cast(null as double) as feature_value

from customers

cross join named_features
{% endfor %}
