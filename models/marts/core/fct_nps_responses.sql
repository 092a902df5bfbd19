with

responses as (

    select * from {{ ref('int_nps_responses__screened') }}

    where row_status = 'kept'

),

survey_questions as (

    select * from {{ ref('survey_questions') }}

),

scores as (
    {% for number in range(9) %}
    select
        response_id,
        survey,
        customer_id,
        cast(answered_at as date) as answered_date,
        ticket_id,
        product_line,
        product_name,
        cast({{ number }} as bigint) as question_number,
        {{ 'score' if number == 0 else 'item_' ~ number ~ '_score' }} as score

    from responses
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select
    scores.response_id,
    scores.question_number,
    scores.customer_id,
    scores.survey,
    survey_questions.survey_label_pt as survey_label,
    survey_questions.question_label_pt as question_label,
    scores.score,
    case when scores.question_number = 0 then {{ nps_group('scores.score') }} end as promoter_group,
    case
        when scores.question_number = 0
            then {{ nps_group('scores.score', ['Promotor', 'Neutro', 'Detrator']) }}
    end as promoter_group_label,
    scores.answered_date,
    scores.ticket_id,
    scores.product_line,
    scores.product_name

from scores

inner join survey_questions
    on scores.survey = survey_questions.survey
    and scores.question_number = survey_questions.question_number

-- A question that was not answered, or not asked that year, is no row.
where scores.score is not null
