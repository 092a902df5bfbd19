{#
    The numeric features of customer_360 whose unknown and zero shares are compared with
    earlier deliveries, as a dict of feature -> family: those whose YAML names the family that
    they come from (`meta.family`). Empty while dbt parses.
#}
{% macro checked_features() -%}
    {%- set features = {} -%}
    {%- if execute -%}
        {%- for column in graph.nodes['model.arcana.customer_360'].columns.values() -%}
            {%- set family = column.config.meta.family -%}
            {%- if family -%}
                {%- do features.update({column.name: family}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(features) }}
{%- endmacro %}
