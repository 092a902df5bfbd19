with

tickets as (

    select
        *,
        {{ days_between('created_date', as_of_date()) }} as age_days

    from {{ ref('int_tickets__screened') }}

    where row_status = 'kept'

),

aggregated as (

    select
        customer_id,
        count(*) as ticket_count,
        count(case when age_days < 90 then ticket_id end) as ticket_count_last_90_days,
        count(case when {{ months_between('created_date', as_of_date()) }} < 12 then ticket_id end)
            as ticket_count_last_12_months,
        count(case when not is_closed then ticket_id end) as open_ticket_count,
        count(case when is_closed then ticket_id end) as closed_ticket_count,
        {%- for type in ['question', 'problem', 'task', 'incident'] %}
        count(case when ticket_type = '{{ type }}' then ticket_id end) as {{ type }}_ticket_count,
        {%- endfor %}
        {%- for priority in ['low', 'normal', 'high', 'urgent'] %}
        count(case when priority = '{{ priority }}' then ticket_id end) as {{ priority }}_ticket_count,
        {%- endfor %}
        -- An open ticket has no duration yet: it is left out, not counted as zero.
        cast(
            sum(case when is_closed then {{ days_between('created_date', 'updated_date') }} end) as bigint
        ) as closed_ticket_days

    from tickets

    group by customer_id

)

select
    *,
    {{ share('high_ticket_count + urgent_ticket_count', 'ticket_count') }} as high_priority_ticket_share,
    {{ share('closed_ticket_days', 'closed_ticket_count') }} as mean_days_to_last_update

from aggregated
