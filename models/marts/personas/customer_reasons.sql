{#- What is said where a persona or a value is not there, in both languages. -#}
{%- set languages = {
    'pt': {
        'label': 'feature_label', 'name': 'persona_name', 'mark': ',', 'none': 'nenhuma persona',
        'unknown': 'não se sabe', 'typical': ' (típico da persona: ', 'rest': 'Demais características',
        'prior': 'Clientes assim: ', 'as': ' da base como ', 'against': ', contra '
    },
    'en': {
        'label': 'feature_label_en', 'name': 'persona_name_en', 'mark': '.', 'none': 'no persona',
        'unknown': 'unknown', 'typical': ' (typical of the persona: ', 'rest': 'Other features',
        'prior': 'Customers like this: ', 'as': ' of all as ', 'against': ', against '
    }
} -%}

with

contributions as (

    select * from {{ ref('customer_contributions') }}

),

customer_personas as (

    select * from {{ ref('customer_personas') }}

),

personas as (

    select * from {{ ref('dim_personas') }}

),

features as (

    select * from {{ ref('dim_features') }}

),

feature_values as (

    select * from {{ ref('customer_features') }}

),

profiles as (

    select * from {{ ref('persona_feature_profiles') }}

),

joined as (

    select
        contributions.customer_id,
        contributions.position as reason_position,
        contributions.term,
        contributions.contribution,
        contributions.customer_share,
        contributions.runner_up_share,
        feature_values.feature_value as customer_value,
        profiles.median as typical_value,
        {%- for language, words in languages.items() %}
        features.{{ words.label }} as label_{{ language }},
        coalesce(personas.{{ words.name }}, '{{ words.none }}') as persona_{{ language }},
        coalesce(runners_up.{{ words.name }}, '{{ words.none }}') as runner_up_{{ language }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}

    from contributions

    inner join customer_personas
        on contributions.customer_id = customer_personas.customer_id

    left join personas
        on customer_personas.persona_id = personas.persona_id

    left join personas as runners_up
        on customer_personas.runner_up_persona_id = runners_up.persona_id

    left join features
        on contributions.term = features.feature

    left join feature_values
        on contributions.customer_id = feature_values.customer_id
        and contributions.term = feature_values.feature

    left join profiles
        on coalesce(customer_personas.persona_id, -1) = profiles.persona_id
        and contributions.term = profiles.feature

)

select
    customer_id,
    reason_position,
    term,
    contribution,
    customer_value,
    typical_value,
    {%- for language, words in languages.items() %}
    {{ reason_text(language, words) }} as text_{{ language }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}

from joined
