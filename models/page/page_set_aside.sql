with

set_aside as (

    select * from {{ ref('quality_rows_set_aside') }}

)

select
    family,
    reason_code,
    meaning,
    what_to_do,
    cast(sum(row_count) as bigint) as row_count

from set_aside

group by family, reason_code, meaning, what_to_do
