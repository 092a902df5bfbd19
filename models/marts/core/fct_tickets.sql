with

tickets as (

    select * from {{ ref('int_tickets__screened') }}

    where row_status = 'kept'

),

types as (

    select * from {{ ref('ticket_types') }}

),

statuses as (

    select * from {{ ref('ticket_statuses') }}

),

priorities as (

    select * from {{ ref('ticket_priorities') }}

)

select
    tickets.ticket_id,
    tickets.customer_id,
    coalesce(tickets.support_group, 'Não informado') as support_group,
    tickets.ticket_type,
    -- A word the vendor never used before is shown as it is.
    coalesce(types.label_pt, tickets.ticket_type) as ticket_type_label,
    tickets.ticket_status,
    coalesce(statuses.label_pt, tickets.ticket_status) as ticket_status_label,
    tickets.priority,
    coalesce(priorities.label_pt, tickets.priority) as priority_label,
    coalesce(priorities.sort_order, 5) as priority_sort_order,
    tickets.is_closed,
    tickets.created_date,
    tickets.updated_date,
    -- An open ticket has no duration yet.
    case when tickets.is_closed then {{ days_between('tickets.created_date', 'tickets.updated_date') }} end
        as days_to_last_update

from tickets

left join types
    on tickets.ticket_type = types.label

left join statuses
    on tickets.ticket_status = statuses.label

left join priorities
    on tickets.priority = priorities.label
