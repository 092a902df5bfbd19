{#
    Read a dbt var as a number within its bounds (`var_bounds`), written with digits and
    at most one dot; anything else stops the compilation.
#}
{% macro var_number(name) -%}
    {%- set value = var(name) | string | trim -%}
    {%- set bounds = var_bounds()[name] -%}
    {%- if modules.re.fullmatch('[0-9]{1,12}([.][0-9]{1,6})?', value)
            and bounds[0] <= value | float <= bounds[1] -%}
        {{ value }}
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "var '" ~ name ~ "' must be a number from " ~ bounds[0] ~ " to " ~ bounds[1]
            ~ ", not '" ~ value ~ "'"
        ) }}
    {%- endif -%}
{%- endmacro %}
