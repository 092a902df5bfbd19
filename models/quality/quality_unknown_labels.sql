select
    column_name,
    label,
    row_count,
    customer_count

from {{ ref('int_labels__counted') }}

where not is_known
