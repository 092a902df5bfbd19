{#
    The first number or date of a row that is there but could not be read, as `column=text`;
    null when all were.

    contract: of `contract_of`. Silver sets such a row aside and shows this text; a null in
    the file is not a fault, be it an empty cell or a null word. What was read comes first
    in each condition, so that the text is looked at only where that failed.
#}
{% macro unreadable_value(contract) -%}
    {%- set typed = contract.items() | rejectattr('1.type', 'equalto', 'text') | list -%}
    {%- if typed -%}
    case
        {%- for column, declared in typed %}
        when {{ read_value(contract, column) }} is null
            and {{ clean_text(column) }} is not null
            and not {{ is_null_word(contract, column) }}
            then '{{ column }}=' || {{ column }}
        {%- endfor %}
    end
    {%- else -%}
    cast(null as varchar)
    {%- endif -%}
{%- endmacro %}
