{{ config(materialized='view') }}

with

build_context as (

    select * from {{ ref('int_build__context') }}

)

select
    as_of_date,
    is_synthetic,
    cast({{ var_int('smallest_cell') }} as bigint) as smallest_cell

from build_context
