{#
    Read a dbt var as a DATE literal; null when the var is empty. Anything but a day of
    the calendar as YYYY-MM-DD stops the compilation.
#}
{% macro var_date(name) -%}
    {%- set value = var(name) | string | trim -%}
    {%- set year, month, day = value[:4] | int, value[5:7] | int, value[8:] | int -%}
    {%- set is_leap_year = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) -%}
    {%- set days = [0, 31, 29 if is_leap_year else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {%- if value == '' -%}
        cast(null as date)
    {%- elif modules.re.fullmatch('[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}', value)
            and year >= 1 and 1 <= day <= days[month] -%}
        cast('{{ value }}' as date)
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "var '" ~ name ~ "' must be a day as YYYY-MM-DD, or empty, not '" ~ value ~ "'"
        ) }}
    {%- endif -%}
{%- endmacro %}
