{#
    Cast ISO text (2025-03-25) to DATE; null for any other form and for days that
    do not exist.
#}
{% macro parse_date(column) -%}
    case
        when {{ matches('trim(' ~ column ~ ')', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }} then try_cast(trim({{ column }}) as date)
    end
{%- endmacro %}
