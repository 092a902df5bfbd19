{#
    Whether text holds a match of a regular expression; null stays null.

    DuckDB says regexp_matches, Trino regexp_like; both search, neither anchors.
#}
{% macro matches(column, pattern) -%}
    {{ adapter.dispatch('matches', 'arcana')(column, pattern) }}
{%- endmacro %}

{% macro default__matches(column, pattern) -%}
    regexp_matches({{ column }}, '{{ pattern }}')
{%- endmacro %}

{% macro athena__matches(column, pattern) -%}
    regexp_like({{ column }}, '{{ pattern }}')
{%- endmacro %}
