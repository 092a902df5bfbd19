-- A row here says that over half of the customers who had a persona in the last accepted build
-- and are still customers have none now. `personas` in the var accept_data takes it as it is.
with

personas as (

    select * from {{ ref('customer_personas') }}

),

accepted as (

    {{ last_build_of('accepted_customers', {
        'customer_id': 'varchar', 'extract_id': 'varchar', 'persona_id': 'bigint'
    }) }}

),

counted as (

    select
        count(*) as customer_count,
        count(case when personas.persona_id is null then 1 end) as lost_count

    from accepted

    inner join {{ ref('int_build__context') }} as build_context
        on accepted.extract_id = build_context.extract_id

    inner join personas
        on accepted.customer_id = personas.customer_id

    where accepted.persona_id is not null

)

select *

from counted

where 2 * lost_count > customer_count
    and 'personas' not in ({{ var_names('accept_data') }})
