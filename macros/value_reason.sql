{#
    Why a row's values cannot be used as they stand in the file; null when they can.

    above_maximum  a number too large for any column, so larger than any maximum
    not_readable   a number or date of another form than declared

    has_money: whether staging says `is_too_large` of the rows.
#}
{% macro value_reason(rows, has_money=false) -%}
    case
        {%- if has_money %}
        when {{ rows }}.is_too_large then 'above_maximum'
        {%- endif %}
        when {{ rows }}.unreadable_value is not null then 'not_readable'
    end
{%- endmacro %}
