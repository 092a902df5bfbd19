with

contract_lines as (

    select * from {{ ref('stg_erp__contract_lines') }}

),

customers as (

    select * from {{ ref('int_customers__screened') }}

    where row_status = 'kept'

),

contract_statuses as (

    select * from {{ ref('contract_statuses') }}

),

families as (

    select * from {{ ref('int_families__delivered') }}

),

judged as (

    -- A repeated line is no duplicate: a customer may hold the same product twice,
    -- and the file has no line number of its own to tell.
    select
        contract_lines.*,
        case
            when contract_lines.contract_status_label is null then 'unknown'
            else coalesce(contract_statuses.contract_status, 'other')
        end as contract_status,
        contract_lines.delivery_date != families.delivery_in_force as is_superseded,
        coalesce(contract_lines.signature_date > {{ as_of_date() }}, false) as is_later,
        coalesce(
            {{ key_reason('contract_lines', 'customers') }},
            {{ value_reason('contract_lines', has_money=true) }},
            case
                when abs(contract_lines.contract_value_brl) > {{ var_int('maximum_amount_brl') }}
                    then 'above_maximum'
            end,
            {{ date_reason('contract_lines.signature_date', 'contract_lines.delivery_date') }}
        ) as reason_code

    from contract_lines

    inner join families
        on families.family = 'dados_clientes'

    left join customers
        on contract_lines.customer_id = customers.customer_id

    left join contract_statuses
        on contract_lines.contract_status_label = contract_statuses.label

)

select
    *,
    {{ row_status('is_superseded', 'is_later') }} as row_status

from judged
