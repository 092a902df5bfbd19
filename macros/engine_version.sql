{#
    The engine as a text, where what it worked out may differ from version to version.

    Athena's engine has no version that a query can ask for.
#}
{% macro engine_version() -%}
    {{ adapter.dispatch('engine_version', 'arcana')() }}
{%- endmacro %}

{% macro default__engine_version() -%}
    version()
{%- endmacro %}

{% macro athena__engine_version() -%}
    'athena'
{%- endmacro %}
