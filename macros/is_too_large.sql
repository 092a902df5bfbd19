{#
    Whether a row holds a number of the declared form that is beyond DECIMAL(18,6), a
    million million and more. It is null then, and named in `unreadable_value`; silver calls
    it above the maximum. contract: of `contract_of`.
#}
{% macro is_too_large(contract) -%}
    (
        false
        {%- for column, declared in contract.items() if declared.type == 'decimal' %}
        or (
            {{ parse_decimal(column, declared.decimal_mark) }} is null
            and coalesce({{ matches('trim(' ~ column ~ ')', number_form(declared.decimal_mark)) }}, false)
        )
        {%- endfor %}
    )
{%- endmacro %}
