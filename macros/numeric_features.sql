{#
    The numeric columns of customer_360 as its YAML describes them: a list of dicts with their
    `name` and what their meta says: `label_pt`, `label_en`, `block`, and `family` where one
    family of the contract alone tells of them. Empty while dbt parses.

    The YAML is the one list of features: what goes over all of them in SQL asks here.
#}
{% macro numeric_features() -%}
    {%- set features = [] -%}
    {%- if execute -%}
        {%- for column in graph.nodes['model.arcana.customer_360'].columns.values() -%}
            {%- if column.data_type in ('bigint', 'double') or column.data_type.startswith('decimal') -%}
                {%- do features.append(dict(column.config.meta, name=column.name)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(features) }}
{%- endmacro %}
