select
    family,
    family as subject,
    'unknown_label_share' as figure,
    column_name,
    {{ share('sum(case when is_known then 0 else row_count_in_force end)', 'sum(row_count_in_force)') }}
        as figure_value,
    cast(sum(row_count_in_force) as bigint) as measured_count

from {{ ref('quality_labels') }}

group by
    family,
    column_name
