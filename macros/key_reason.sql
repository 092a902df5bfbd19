{#
    Why a row's customer key cannot be used; null when it can.

    key_null      no key on the row
    key_mangled   a spreadsheet made a number of it (1.23E+05)
    orphan        no such customer in the spine; looked at again in every build, so
                  that a customer who arrives later releases it

    spine: alias of the joined spine, null where there is no such customer; none for
    the spine itself.
#}
{% macro key_reason(rows, spine=none) -%}
    case
        when {{ rows }}.customer_id is null then 'key_null'
        when {{ matches(rows ~ '.customer_id', '^[0-9.,]+E[+-]?[0-9]+$') }} then 'key_mangled'
        {%- if spine %}
        when {{ spine }}.customer_id is null then 'orphan'
        {%- endif %}
    end
{%- endmacro %}
