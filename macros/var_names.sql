{#
    Read a dbt var as a list of names that a check may judge (families, `spine`, `personas`), as
    SQL literals for `in (…)`; anything else stops the compilation.
#}
{% macro var_names(name) -%}
    {%- set values = var(name) -%}
    {%- set known = screened_families() | list + ['spine', 'personas'] -%}
    {%- if values is string or values is mapping or values is not iterable -%}
        {{ exceptions.raise_compiler_error("var '" ~ name ~ "' must be a list of names, not '" ~ values ~ "'") }}
    {%- endif -%}
    {%- for value in values if value not in known -%}
        {{ exceptions.raise_compiler_error(
            "var '" ~ name ~ "' must name some of " ~ known | join(', ') ~ ", not '" ~ value ~ "'"
        ) }}
    {%- endfor -%}
    {#- A list in SQL may not be empty. -#}
    '-' {%- for value in values %}, '{{ value }}'{% endfor %}
{%- endmacro %}
