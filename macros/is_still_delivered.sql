{#
    Whether a delivery of the past still counts: its day is landed, or lies before everything
    that is landed. What `arcana land --forget` took out does not count any more.
#}
{% macro is_still_delivered(delivery_date) -%}
    (
        {{ delivery_date }} in (select landed.delivery_date from {{ ref('stg_erp__extract') }} as landed)
        or {{ delivery_date }} < (select min(landed.delivery_date) from {{ ref('stg_erp__extract') }} as landed)
    )
{%- endmacro %}
