{#
    Regular expression of a cell that is one of these words, as it stands in a text of SQL.

    DuckDB evaluates a regular expression once per distinct value of a column, but `in` on
    every row: over telemetry this costs nothing, and that made reading it three times as long.
#}
{% macro null_word_form(words) -%}
    {%- set escaped = [] -%}
    {%- for word in words -%}
        {%- do escaped.append(modules.re.escape(word) | replace("'", "''")) -%}
    {%- endfor -%}
    ^ *({{ escaped | join('|') }}) *$
{%- endmacro %}
