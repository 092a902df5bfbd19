with

customer_personas as (

    select * from {{ ref('customer_personas') }}

    where probability is not null

),

stepped as (

    -- The last tenth holds its upper end.
    select
        coalesce(persona_id, -1) as persona_id,
        case when probability >= 0.9 then 9 else cast(floor(probability * 10) as bigint) end as step

    from customer_personas

)

select
    persona_id,
    step,
    count(*) as customer_count

from stepped

group by persona_id, step

having count(*) >= {{ var_int('smallest_cell') }}
