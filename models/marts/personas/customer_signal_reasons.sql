with

signals as (

    select * from {{ ref('customer_signals') }}

),

conditions_met as (

    select * from {{ ref('customer_conditions') }}

    where is_met

),

rules as (

    select * from {{ ref('signal_rules') }}

),

conditions as (

    select * from {{ ref('conditions') }}

),

actions as (

    select * from {{ ref('actions') }}

)

select
    signals.customer_id,
    signals.signal,
    row_number() over (
        partition by signals.customer_id, signals.signal
        order by rules.points desc, rules.condition asc
    ) as reason_number,
    rules.condition,
    rules.points,
    conditions.text_pt,
    conditions.text_en,
    -- An action that presupposes what is not so, or not known, of this customer is not advised.
    case when presupposed.customer_id is not null then actions.text_pt end as action_pt,
    case when presupposed.customer_id is not null then actions.text_en end as action_en

from signals

inner join rules
    on signals.signal = rules.signal

inner join conditions_met
    on signals.customer_id = conditions_met.customer_id
    and rules.condition = conditions_met.condition

inner join conditions
    on rules.condition = conditions.condition

inner join actions
    on rules.action = actions.action

left join conditions_met as presupposed
    on signals.customer_id = presupposed.customer_id
    and actions.presupposes = presupposed.condition
