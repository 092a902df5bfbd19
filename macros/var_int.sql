{#
    Read a dbt var as a whole number within its bounds (`var_bounds`); anything else
    stops the compilation.
#}
{% macro var_int(name) -%}
    {%- set value = var(name) | string | trim -%}
    {%- set bounds = var_bounds()[name] -%}
    {%- if modules.re.fullmatch('[0-9]{1,12}', value) and bounds[0] <= value | int <= bounds[1] -%}
        {{ value | int }}
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "var '" ~ name ~ "' must be a whole number from " ~ bounds[0] ~ " to " ~ bounds[1]
            ~ ", not '" ~ value ~ "'"
        ) }}
    {%- endif -%}
{%- endmacro %}
