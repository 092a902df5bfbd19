{#
    Name the schema of a model after its layer.

    DuckDB: the layer itself (`gold`). Athena: `<prefix>_gold`, because Glue
    databases share one account and names there may hold no dot. dbt asks for every
    model as it parses, so the environment is checked here.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- do check_environment() -%}
    {{ adapter.dispatch('generate_schema_name', 'arcana')(custom_schema_name, node) }}
{%- endmacro %}

{% macro default__generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

{% macro athena__generate_schema_name(custom_schema_name, node) -%}
    {{ (target.schema ~ '_' ~ custom_schema_name if custom_schema_name else target.schema) | trim }}
{%- endmacro %}
