{#
    All cells of a survey answer in one text: an answer that says the same is a duplicate.

    contract: of `contract_of`. Cells stand as they are written, but what is written in
    several ways stands as it is read: whole numbers (7 and 7,0), no value (an empty cell and
    a null word), and dates where the contract accepts several forms.
#}
{% macro answer_content(contract) -%}
    {%- set cells = [] -%}
    {%- for column, declared in contract.items() -%}
        {%- set cell = column -%}
        {%- if declared.null_words and not declared.is_key -%}
            {%- set cell = 'case when not ' ~ is_null_word(contract, column) ~ ' then ' ~ column ~ ' end' -%}
        {%- endif -%}
        {%- if declared.type in ('integer', 'decimal') or declared.formats | length > 1 -%}
            {%- set cell = 'coalesce(cast(' ~ read_value(contract, column) ~ ' as varchar), ' ~ cell ~ ')' -%}
        {%- endif -%}
        {%- do cells.append(cell) -%}
    {%- endfor -%}
    {%- if cells -%}
        {{ row_content(cells) }}
    {%- else -%}
        cast(null as varchar)
    {%- endif -%}
{%- endmacro %}
