with

landed as (

    select * from {{ source('erp', 'nps_transacional_suporte') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,
        {{ clean_text('ticket') }} as ticket_id,

        -- text
        {{ clean_text('grupo_nps') }} as promoter_group_label,

        -- numbers
        {{ parse_integer('resposta_nps') }} as score,
        {{ parse_integer('nota_conhecimento_agente') }} as agent_knowledge_score,
        {{ parse_integer('nota_solucao') }} as solution_score,
        {{ parse_integer('nota_tempo_retorno') }} as response_time_score,
        {{ parse_integer('nota_facilidade') }} as ease_score,
        {{ parse_integer('nota_satisfacao') }} as satisfaction_score,

        -- the whole answer: an equal one is a duplicate
        {{ row_content([
            'ticket',
            'resposta_nps',
            'grupo_nps',
            'nota_conhecimento_agente',
            'nota_solucao',
            'nota_tempo_retorno',
            'nota_facilidade',
            'nota_satisfacao',
            'cliente'
        ]) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'resposta_nps': parse_integer('resposta_nps'),
            'nota_conhecimento_agente': parse_integer('nota_conhecimento_agente'),
            'nota_solucao': parse_integer('nota_solucao'),
            'nota_tempo_retorno': parse_integer('nota_tempo_retorno'),
            'nota_facilidade': parse_integer('nota_facilidade'),
            'nota_satisfacao': parse_integer('nota_satisfacao')
        }) }} as unreadable_value

    from landed

)

select * from renamed
