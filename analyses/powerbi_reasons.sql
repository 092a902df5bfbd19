-- What does the page of a customer in Power BI have to give as its reasons? The measure
-- 'Principais motivos' for every customer that has reasons, the strongest first.
{%- set measures = {
    'Principais motivos': "main_reasons",
} %}

with

customer_personas as (

    select * from {{ ref('customer_personas') }}

),

features as (

    select distinct
        feature,
        feature_label

    from {{ ref('persona_feature_profiles') }}

),

reasons as (
    {% for number in range(1, 6) %}
    select
        customer_personas.customer_id,
        {{ number }} as reason_number,
        features.feature_label
        || case when customer_personas.reason_{{ number }}_value < 0 then ' (contra)' else '' end as reason

    from customer_personas

    inner join features
        on customer_personas.reason_{{ number }}_feature = features.feature
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

joined as (

    select
        customer_id,
        max(case when reason_number = 1 then reason end)
        {%- for number in range(2, 6) %}
        || coalesce('; ' || max(case when reason_number = {{ number }} then reason end), '')
        {%- endfor %} as main_reasons

    from reasons

    group by customer_id

)

select
    customer_id,
    {%- for measure, column in measures.items() %}
    '{{ measure }}' as measure,
    {{ column }} as measure_value
    {%- endfor %}

from joined

order by customer_id
