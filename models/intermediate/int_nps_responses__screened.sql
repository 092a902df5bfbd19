with

responses as (

    select * from {{ ref('int_nps_responses__unioned') }}

),

customers as (

    select * from {{ ref('int_customers__screened') }}

    where row_status = 'kept'

),

judged as (

    select
        responses.*,
        {{ text_hash("responses.survey || chr(31) || responses.answer_content") }} as response_id,
        coalesce(cast(responses.answered_at as date) > {{ as_of_date() }}, false) as is_later,
        coalesce(
            {{ key_reason('responses', 'customers') }},
            {{ value_reason('responses') }},
            -- An empty score is a question not answered; it is not a zero.
            case
                when responses.score not between 0 and 10
                    {%- for number in range(1, 9) %}
                    or responses.item_{{ number }}_score not between 0 and 10
                    {%- endfor %}
                    then 'nps_range'
            end,
            {{ date_reason('cast(responses.answered_at as date)', 'responses.delivery_date') }}
        ) as reason_code

    from responses

    left join customers
        on responses.customer_id = customers.customer_id

),

ranked as (

    -- The surveys carry no id: an answer that equals another in every cell is the
    -- same answer, delivered again.
    select
        *,
        row_number() over (
            partition by response_id, is_later, reason_code
            order by delivery_date, file_name, file_line
        ) as copy_number

    from judged

),

compared as (

    select
        *,
        copy_number > 1 as is_duplicate

    from ranked

)

select
    *,
    {{ row_status(is_later='is_later', is_duplicate='is_duplicate') }} as row_status

from compared
