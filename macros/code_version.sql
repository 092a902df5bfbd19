{#
    MD5 of the code that a carried row depends on: the model's own text, the views that
    it reads (as the engine holds them, macros written out), and `settings`. Where the
    landed files lie is not part of it: a data folder may move.

    As long as it stays the same, a carried row is used again. settings: list of texts,
    the expressions of macros and vars in the model that decide what a row says.
#}
{% macro code_version(settings=[]) -%}
    {%- set parts = [model.raw_code] + settings -%}
    {%- set folder = env_var('ARCANA_DATA', 'data') | replace("'", "''") ~ '/landing/' -%}
    {%- if execute -%}
        {%- for parent in model.depends_on.nodes if parent in graph.nodes -%}
            {%- set node = graph.nodes[parent] -%}
            {%- if node.config.materialized == 'view' -%}
                {%- for definition in query_values(
                    "select view_definition from information_schema.views"
                    ~ " where table_schema = '" ~ node.schema ~ "' and table_name = '" ~ node.alias ~ "'"
                ) -%}
                    {%- do parts.append(definition | replace(folder, '')) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ local_md5(parts | join('\n')) }}
{%- endmacro %}
