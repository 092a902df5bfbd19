with

landed as (

    select * from {{ source('erp', 'landed_files') }}

),

renamed as (

    select
        cast(delivery as date) as delivery_date,
        family,
        file as file_name,
        status as file_status,
        file_hash,
        contract_hash,
        message,
        {{ parse_integer('records') }} as record_count,
        {{ parse_integer('landed') }} as landed_count,
        {{ parse_integer('quarantined') }} as quarantined_count

    from landed

)

select * from renamed
