select
    column_name,
    label,
    row_count,
    customer_count

from {{ ref('quality_labels') }}

where not is_known
