{#
    The landed deliveries of a family, as a query: delivery_date and `made_from`, which
    stands for all that the family's rows of that day depend on: the bytes of its files,
    the contract they were landed under, the code (see `code_version`) and the engine.

    landed_files: relation or CTE of stg_erp__landed_files.
#}
{% macro landed_deliveries(family, landed_files, code) -%}
    select
        delivery_date,
        {{ text_hash(
            "cast(delivery_date as varchar) || '; ' || "
            ~ joined_text("file_name || '/' || file_hash || '/' || contract_hash", 'file_name')
            ~ " || '; " ~ code ~ "; ' || " ~ engine_version()
        ) }} as made_from

    from {{ landed_files }}

    where family = '{{ family }}'
        and landed_count > 0

    group by delivery_date
{%- endmacro %}
