{#
    The columns of accepted_deliveries and their types, for those who read its last build.
#}
{% macro accepted_delivery_columns() -%}
    {{ return({
        'extract_id': 'varchar',
        'subject': 'varchar',
        'delivery_date': 'date',
        'content_hash': 'varchar',
        'acceptance_number': 'bigint',
        'is_accepted_by_hand': 'boolean',
        'figure': 'varchar',
        'column_name': 'varchar',
        'figure_value': 'double',
        'measured_count': 'bigint'
    }) }}
{%- endmacro %}
