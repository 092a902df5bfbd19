with

tickets as (

    select * from {{ ref('stg_erp__tickets') }}

),

customers as (

    select * from {{ ref('int_customers__screened') }}

    where row_status = 'kept'

),

judged as (

    select
        tickets.*,
        {{ row_content([
            'tickets.customer_id',
            'tickets.support_group',
            'tickets.ticket_type',
            'tickets.ticket_status',
            'tickets.priority',
            'cast(tickets.created_date as varchar)',
            'cast(tickets.updated_date as varchar)'
        ]) }} as ticket_content,
        -- What a delivery after as_of_date says of a ticket known before is not known yet.
        coalesce(tickets.created_date > {{ as_of_date() }}, false)
        or (
            tickets.delivery_date > {{ as_of_date() }}
            and tickets.delivery_date > min(tickets.delivery_date) over (partition by tickets.ticket_id)
        ) as is_later,
        coalesce(
            {{ key_reason('tickets', 'customers') }},
            case when tickets.ticket_id is null then 'id_null' end,
            {{ value_reason('tickets') }},
            case when tickets.updated_date < tickets.created_date then 'negative_duration' end,
            {{ date_reason('tickets.created_date', 'tickets.delivery_date') }},
            {{ date_reason('tickets.updated_date', 'tickets.delivery_date') }}
        ) as row_reason_code

    from tickets

    left join customers
        on tickets.customer_id = customers.customer_id

),

ranked as (

    -- The newest update wins, then the newest delivery, then the content.
    select
        *,
        row_number() over (
            partition by ticket_id, is_later, row_reason_code
            order by updated_date desc, delivery_date desc, ticket_content asc, file_name asc, file_line asc
        ) as copy_number,
        first_value(delivery_date) over (
            partition by ticket_id, is_later, row_reason_code
            order by updated_date desc, delivery_date desc, ticket_content asc, file_name asc, file_line asc
        ) as kept_delivery_date,
        first_value(ticket_content) over (
            partition by ticket_id, is_later, row_reason_code
            order by updated_date desc, delivery_date desc, ticket_content asc, file_name asc, file_line asc
        ) as kept_ticket_content

    from judged

),

compared as (

    select
        *,
        row_reason_code is null and copy_number > 1 and delivery_date < kept_delivery_date as is_superseded,
        copy_number > 1 as is_duplicate,
        coalesce(
            row_reason_code,
            case when copy_number > 1 and ticket_content != kept_ticket_content then 'key_conflict' end
        ) as reason_code

    from ranked

)

select
    ticket_id,
    customer_id,
    support_group,
    ticket_type,
    ticket_status,
    priority,
    -- solved waits for the customer's word and is as good as closed.
    coalesce(ticket_status in ('closed', 'solved'), false) as is_closed,
    created_date,
    updated_date,
    delivery_date,
    file_name,
    file_line,
    reason_code,
    unreadable_value,
    {{ row_status('is_superseded', 'is_later', 'is_duplicate') }} as row_status

from compared
