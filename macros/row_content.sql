{#
    All of a row's text in one value, to compare rows by their full content.

    Cells are joined by the unit separator (U+001F), which no file holds, and a
    null differs from an empty text.
#}
{% macro row_content(columns) -%}
    {%- for column in columns -%}
        coalesce({{ column }}, chr(30)) {%- if not loop.last %} || chr(31) || {% endif -%}
    {%- endfor -%}
{%- endmacro %}
