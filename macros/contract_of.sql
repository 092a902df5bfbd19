{#
    What the family contract says of a family's columns, as it was landed last: dict of
    landed column, in the order of the file -> type, formats, decimal_mark, null_words
    (the last three as of families.yml) and is_key.

    Asked of the engine when the model is compiled. Empty while dbt parses, and where it is to
    ask the engine nothing; all values are then read as text.
#}
{% macro contract_of(family) -%}
    {%- set landed = source('erp', 'contract') -%}
    {%- set columns = {} -%}
    {%- if execute and flags.INTROSPECT -%}
        {%- set rows = run_query(
            "select column_name, is_key, type, formats, decimal_mark, null_words from " ~ landed
            ~ " where family = '" ~ family ~ "' order by cast(column_number as bigint)"
        ).rows -%}
        {%- for row in rows -%}
            {%- do columns.update({row['column_name']: {
                'type': row['type'],
                'formats': fromjson(row['formats']),
                'decimal_mark': row['decimal_mark'],
                'null_words': fromjson(row['null_words']),
                'is_key': row['is_key'] == 'true'
            }}) -%}
        {%- endfor -%}
        {%- if not columns -%}
            {{ exceptions.raise_compiler_error(
                "the landed contract has no family '" ~ family ~ "': run `arcana land`"
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}
