{#
    The rows that a model had before this build, as a query; no rows where it was never
    built. For models that remember: what they say of earlier builds is read before they are
    built anew, which `ref` would make impossible.

    columns: dict of column -> type. One that the last build did not have yet is null.
#}
{% macro last_build_of(name, columns) -%}
    {%- set known = [] -%}
    {%- set last = none -%}
    {%- if execute and flags.INTROSPECT -%}
        {%- set node = graph.nodes['model.arcana.' ~ name] -%}
        {%- set last = adapter.get_relation(node.database, node.schema, node.alias) -%}
        {%- if last is not none -%}
            {%- for column in adapter.get_columns_in_relation(last) -%}
                {%- do known.append(column.name | lower) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    select
        {%- for column, type in columns.items() %}
        cast({{ column if column in known else 'null' }} as {{ type }}) as {{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}

    {% if known %}from {{ last }}{% else %}where 1 = 0{% endif %}
{%- endmacro %}
