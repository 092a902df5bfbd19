{#
    Read a dbt var as a DATE literal; null when the var is empty.

    Anything but YYYY-MM-DD stops the compilation: a var pasted into SQL unchecked
    is an injection.
#}
{% macro var_date(name) -%}
    {%- set value = var(name) | string | trim -%}
    {%- if value == '' -%}
        cast(null as date)
    {%- elif modules.re.match('^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$', value) -%}
        cast('{{ value }}' as date)
    {%- else -%}
        {{ exceptions.raise_compiler_error("var '" ~ name ~ "' must be a day as YYYY-MM-DD, not '" ~ value ~ "'") }}
    {%- endif -%}
{%- endmacro %}
