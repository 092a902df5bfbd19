-- Nothing disappears without a count: a difference here means that a layer lost or
-- multiplied records of the family.
select *

from {{ ref('quality_reconciliation') }}

where coalesce(landing_difference, -1) != 0
    or coalesce(bronze_difference, -1) != 0
    or coalesce(silver_difference, -1) != 0
