{#
    Why a date cannot be believed; null when it can, or when there is none.

    Customers since 1971 are real, so the range opens in 1960. A day later than the
    delivery (and one day of grace for late clocks) had not happened when the file
    was written.
#}
{% macro date_reason(date, delivery_date) -%}
    case
        when {{ date }} < cast('1960-01-01' as date) then 'date_out_of_range'
        when {{ date }} > {{ add_days(delivery_date, 1) }} then 'date_after_delivery'
    end
{%- endmacro %}
