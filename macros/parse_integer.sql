{#
    Cast text to BIGINT; null for anything but an optional minus and digits.

    A bare cast would read 7.6 as 8 and 0x10 as 16.
#}
{% macro parse_integer(column) -%}
    case when {{ matches('trim(' ~ column ~ ')', '^-?[0-9]+$') }} then try_cast(trim({{ column }}) as bigint) end
{%- endmacro %}
