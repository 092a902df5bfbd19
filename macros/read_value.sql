{#
    A landed column as its family's contract declares it: type, form, decimal mark, and null
    words, which are no value whatever else they could be read as.

    contract: of `contract_of`. What has another form is null too, and `unreadable_value` says
    so. A word without a digit is no number and no date anyway, and is not looked for there.
#}
{% macro read_value(contract, column) -%}
    {%- set declared = contract.get(column) -%}
    {%- if contract and not declared -%}
        {{ exceptions.raise_compiler_error(
            "the landed contract has no column '" ~ column ~ "': run `arcana land`"
        ) }}
    {%- endif -%}
    {%- set type = declared.type if declared else 'text' -%}
    {%- set words = declared.null_words if declared else [] -%}
    {%- if type == 'integer' -%}
        {%- set value = parse_integer(column, declared.decimal_mark) -%}
    {%- elif type == 'decimal' -%}
        {%- set value = parse_decimal(column, declared.decimal_mark) -%}
    {%- elif type == 'date' -%}
        {%- set value = parse_date(column, declared.formats) -%}
    {%- elif type == 'timestamp' -%}
        {%- set value = parse_timestamp(column, declared.formats) -%}
    {%- elif words -%}
        {%- set value = clean_text("regexp_replace(" ~ column ~ ", '" ~ null_word_form(words) ~ "', '')") -%}
    {%- else -%}
        {%- set value = clean_text(column) -%}
    {%- endif -%}
    {%- if type != 'text' and modules.re.search('[0-9]', words | join) -%}
        case when not {{ is_null_word(contract, column) }} then {{ value }} end
    {%- else -%}
        {{ value }}
    {%- endif -%}
{%- endmacro %}
