{#
    Cast text with a declared decimal mark to DECIMAL(18,6).

    Anything but digits around one mark becomes null, a dot in a comma family
    too: the vendor writes no thousands separator, so it is an error, not a
    guess. Silver sets the row aside and names the text. A negative
    exponent is how a fraction of a centavo may be written, 8,7e-05; a positive one
    is a spreadsheet's doing and has lost digits.
#}
{% macro parse_decimal(column, decimal_mark) -%}
    case
        when {{ matches('trim(' ~ column ~ ')', number_form(decimal_mark)) }}
            then try_cast(replace(trim({{ column }}), '{{ decimal_mark }}', '.') as decimal(18, 6))
    end
{%- endmacro %}
