{#
    How many cells of a row hold a null word, the key aside, as BIGINT.

    contract: of `contract_of`; unread: columns that staging does not read.
#}
{% macro null_word_count(contract, unread=[]) -%}
    cast(
        0
        {%- for column, declared in contract.items()
            if declared.null_words and not declared.is_key and column not in unread %}
        + case when {{ is_null_word(contract, column) }} then 1 else 0 end
        {%- endfor %}
        as bigint
    )
{%- endmacro %}
