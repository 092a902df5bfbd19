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
    -- A word the vendor never used before is shown as it is.
    case ticket_type
        when 'question' then 'Dúvida'
        when 'problem' then 'Problema'
        when 'task' then 'Tarefa'
        when 'incident' then 'Incidente'
        else ticket_type
    end as ticket_type_label,
    ticket_status,
    case ticket_status
        when 'new' then 'Novo'
        when 'open' then 'Aberto'
        when 'pending' then 'Pendente'
        when 'hold' then 'Em espera'
        when 'solved' then 'Resolvido'
        when 'closed' then 'Fechado'
        else ticket_status
    end as ticket_status_label,
    priority,
    case priority
        when 'low' then 'Baixa'
        when 'normal' then 'Normal'
        when 'high' then 'Alta'
        when 'urgent' then 'Urgente'
        else priority
    end as priority_label,
    case priority
        when 'low' then cast(1 as bigint)
        when 'normal' then 2
        when 'high' then 3
        when 'urgent' then 4
        else 5
    end as priority_sort_order,
    is_closed,
    created_date,
    updated_date,
    -- An open ticket has no duration yet.
    case when is_closed then {{ days_between('created_date', 'updated_date') }} end as days_to_last_update

from tickets
