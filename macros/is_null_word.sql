{#
    Whether a landed cell is a word for "no value" by its family's contract, blanks around it
    aside; null where the cell is empty. contract: of `contract_of`.
#}
{% macro is_null_word(contract, column) -%}
    {%- set words = contract[column].null_words if contract else [] -%}
    {%- if words -%}
        {{ matches(column, null_word_form(words)) }}
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
