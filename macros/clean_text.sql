{#
    Text with single blanks, none at its ends, and null where nothing is left.

    Non-breaking spaces (U+00A0) count as blanks: some of the vendor's labels hold
    them. DuckDB replaces the first match only, unless it has the flag 'g', Trino all.
#}
{% macro clean_text(column) -%}
    nullif(trim({{ adapter.dispatch('collapse_blanks', 'arcana')('replace(' ~ column ~ ', chr(160), chr(32))') }}), '')
{%- endmacro %}

{% macro default__collapse_blanks(expression) -%}
    regexp_replace({{ expression }}, ' +', ' ', 'g')
{%- endmacro %}

{% macro athena__collapse_blanks(expression) -%}
    regexp_replace({{ expression }}, ' +', ' ')
{%- endmacro %}
