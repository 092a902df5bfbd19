{#
    Read text by a pattern as TIMESTAMP; null where it does not fit or is no moment.

    pattern: in the letters of strptime, which DuckDB takes; Trino's date_parse has those of
    MySQL. Both read more than is meant: match the form first.
#}
{% macro parse_pattern(text, pattern) -%}
    {{ adapter.dispatch('parse_pattern', 'arcana')(text, pattern) }}
{%- endmacro %}

{% macro default__parse_pattern(text, pattern) -%}
    try_strptime({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro athena__parse_pattern(text, pattern) -%}
    {%- set letters = {'d': 'e', 'm': 'c', 'M': 'i', 'S': 's', 'I': 'l', 'H': 'k'} -%}
    {%- set translated = [] -%}
    {%- for letter in pattern -%}
        {%- set follows_sign = loop.previtem == '%' -%}
        {%- do translated.append(letters.get(letter, letter) if follows_sign else letter) -%}
    {%- endfor -%}
    try(cast(date_parse({{ text }}, '{{ translated | join }}') as timestamp))
{%- endmacro %}
