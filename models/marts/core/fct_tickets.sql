with

tickets as (

    select * from {{ ref('int_tickets__screened') }}

    where row_status = 'kept'

)

select
    ticket_id,
    customer_id,
    coalesce(support_group, 'Não informado') as support_group,
    ticket_type,
    ticket_status,
    priority,
    is_closed,
    created_date,
    updated_date,
    -- An open ticket has no duration yet.
    case when is_closed then {{ days_between('created_date', 'updated_date') }} end as days_to_last_update

from tickets
