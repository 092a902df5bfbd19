{#
    Cast text to BIGINT; null for anything but an optional minus and digits.

    A bare cast would read 7.6 as 8 and 0x10 as 16. With a decimal_mark zeros after it are
    no fraction (7,0): programs write them where a column has gaps. One or two zeros may
    follow the other mark as well; three could be thousands.
#}
{% macro parse_integer(column, decimal_mark=none) -%}
    case
        when {{ matches('trim(' ~ column ~ ')', '^-?[0-9]+$') }} then try_cast(trim({{ column }}) as bigint)
        {%- if decimal_mark %}
        when {{ matches('trim(' ~ column ~ ')', '^-?[0-9]+([' ~ decimal_mark ~ ']0+|[.,]0{1,2})$') }}
            then try_cast(regexp_replace(trim({{ column }}), '[.,]0+$', '') as bigint)
        {%- endif %}
    end
{%- endmacro %}
