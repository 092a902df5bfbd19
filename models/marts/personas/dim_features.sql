-- The features are known when dbt compiles, not when it looks for refs.
-- depends_on: {{ ref('customer_360') }}
with

features as (
    {% for feature in numeric_features() %}
    select
        '{{ feature.name }}' as feature,
        '{{ feature.label_pt | replace("'", "''") }}' as feature_label,
        '{{ feature.label_en | replace("'", "''") }}' as feature_label_en,
        '{{ feature.block }}' as feature_block
    {% if not loop.last %}
    union all
    {% endif %}
    {%- else %}
    select
        '' as feature,
        '' as feature_label,
        '' as feature_label_en,
        '' as feature_block
    {% endfor %}
)

select
    cast(feature as varchar) as feature,
    cast(feature_label as varchar) as feature_label,
    cast(feature_label_en as varchar) as feature_label_en,
    cast(feature_block as varchar) as feature_block

from features
