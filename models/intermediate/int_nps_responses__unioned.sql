with

relational as (

    select
        customer_id,
        'relational' as survey,
        'nps_relacional' as family,
        score,
        unit_score as item_1_score,
        support_speed_score as item_2_score,
        support_service_score as item_3_score,
        sales_score as item_4_score,
        cost_score as item_5_score,
        finance_service_score as item_6_score,
        software_score as item_7_score,
        software_update_score as item_8_score,
        answered_at,
        cast(null as varchar) as ticket_id,
        cast(null as varchar) as product_line,
        cast(null as varchar) as product_name,
        answer_content,
        delivery_date,
        file_name,
        file_line,
        unreadable_value

    from {{ ref('stg_erp__nps_relational') }}

),

acquisition as (

    select
        customer_id,
        'acquisition' as survey,
        'nps_transacional_aquisicao' as family,
        score,
        speed_score as item_1_score,
        knowledge_score as item_2_score,
        cost_score as item_3_score,
        ease_score as item_4_score,
        flexibility_score as item_5_score,
        cast(null as bigint) as item_6_score,
        cast(null as bigint) as item_7_score,
        cast(null as bigint) as item_8_score,
        cast(answered_date as timestamp) as answered_at,
        cast(null as varchar) as ticket_id,
        cast(null as varchar) as product_line,
        cast(null as varchar) as product_name,
        answer_content,
        delivery_date,
        file_name,
        file_line,
        unreadable_value

    from {{ ref('stg_erp__nps_acquisition') }}

),

implementation as (

    select
        customer_id,
        'implementation' as survey,
        'nps_transacional_implantacao' as family,
        score,
        method_score as item_1_score,
        management_score as item_2_score,
        knowledge_score as item_3_score,
        quality_score as item_4_score,
        communication_score as item_5_score,
        deadline_score as item_6_score,
        cast(null as bigint) as item_7_score,
        cast(null as bigint) as item_8_score,
        cast(answered_date as timestamp) as answered_at,
        cast(null as varchar) as ticket_id,
        cast(null as varchar) as product_line,
        cast(null as varchar) as product_name,
        answer_content,
        delivery_date,
        file_name,
        file_line,
        unreadable_value

    from {{ ref('stg_erp__nps_implementation') }}

),

onboarding as (

    select
        customer_id,
        'onboarding' as survey,
        'nps_transacional_onboarding' as family,
        score,
        help_score as item_1_score,
        meeting_length_score as item_2_score,
        channel_clarity_score as item_3_score,
        information_clarity_score as item_4_score,
        expectation_score as item_5_score,
        cast(null as bigint) as item_6_score,
        cast(null as bigint) as item_7_score,
        cast(null as bigint) as item_8_score,
        cast(answered_date as timestamp) as answered_at,
        cast(null as varchar) as ticket_id,
        cast(null as varchar) as product_line,
        cast(null as varchar) as product_name,
        answer_content,
        delivery_date,
        file_name,
        file_line,
        unreadable_value

    from {{ ref('stg_erp__nps_onboarding') }}

),

product as (

    select
        customer_id,
        'product' as survey,
        'nps_transacional_produto' as family,
        score,
        cast(null as bigint) as item_1_score,
        cast(null as bigint) as item_2_score,
        cast(null as bigint) as item_3_score,
        cast(null as bigint) as item_4_score,
        cast(null as bigint) as item_5_score,
        cast(null as bigint) as item_6_score,
        cast(null as bigint) as item_7_score,
        cast(null as bigint) as item_8_score,
        answered_at,
        cast(null as varchar) as ticket_id,
        product_line,
        product_name,
        answer_content,
        delivery_date,
        file_name,
        file_line,
        unreadable_value

    from {{ ref('stg_erp__nps_product') }}

),

support as (

    select
        customer_id,
        'support' as survey,
        'nps_transacional_suporte' as family,
        score,
        agent_knowledge_score as item_1_score,
        solution_score as item_2_score,
        response_time_score as item_3_score,
        ease_score as item_4_score,
        satisfaction_score as item_5_score,
        cast(null as bigint) as item_6_score,
        cast(null as bigint) as item_7_score,
        cast(null as bigint) as item_8_score,
        cast(null as timestamp) as answered_at,
        ticket_id,
        cast(null as varchar) as product_line,
        cast(null as varchar) as product_name,
        answer_content,
        delivery_date,
        file_name,
        file_line,
        unreadable_value

    from {{ ref('stg_erp__nps_support') }}

),

unioned as (

    select * from relational

    union all

    select * from acquisition

    union all

    select * from implementation

    union all

    select * from onboarding

    union all

    select * from product

    union all

    select * from support

)

select * from unioned
