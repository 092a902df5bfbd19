-- Written only after the checks of the deliveries have passed: dbt stops here otherwise.
-- depends_on: {{ ref('quality_delivery_checks') }}
with

personas as (

    select * from {{ ref('customer_personas') }}

),

spine as (

    select * from {{ ref('int_customers__screened') }}

    where reason_code is null

),

families_in_force as (

    select * from {{ ref('int_families__delivered') }}

    where family = 'clientes_desde'

)

select distinct
    spine.customer_id,
    families_in_force.delivery_in_force as delivery_date,
    build_context.extract_id,
    personas.persona_id

from spine

inner join families_in_force
    on spine.delivery_date = families_in_force.delivery_in_force

cross join {{ ref('int_build__context') }} as build_context

left join personas
    on spine.customer_id = personas.customer_id
