{#
    Read a dbt var as a whole number; anything else stops the compilation.
#}
{% macro var_int(name) -%}
    {%- set value = var(name) | string | trim -%}
    {%- if modules.re.match('^[0-9]{1,12}$', value) -%}
        {{ value }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("var '" ~ name ~ "' must be a whole number, not '" ~ value ~ "'") }}
    {%- endif -%}
{%- endmacro %}
