{#
    The deliveries that the user accepts as they are, in spite of the checks, as SQL literals:
    var accept_data, a list of families, `spine` or `personas`. Any other name stops
    the compilation.
#}
{% macro accepted_names() -%}
    {%- set names = var('accept_data') -%}
    {%- set known = screened_families().keys() | list + ['spine', 'personas'] -%}
    {%- if names is string or names is mapping or names is not iterable -%}
        {{ exceptions.raise_compiler_error("var 'accept_data' must be a list of names, not '" ~ names ~ "'") }}
    {%- endif -%}
    {%- for name in names if name not in known -%}
        {{ exceptions.raise_compiler_error(
            "var 'accept_data' names '" ~ name ~ "', which is none of " ~ known | join(', ')
        ) }}
    {%- endfor -%}
    '-' {%- for name in names %}, '{{ name }}'{% endfor %}
{%- endmacro %}
