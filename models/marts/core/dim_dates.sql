with

digits as (

    select cast(listed.digit as integer) as digit

    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as listed (digit)

),

days as (

    -- 1960 is the first year a date may show, and five digits of days reach 2233.
    select
        {{ add_days(
            "cast('1960-01-01' as date)",
            'tens_of_thousands.digit * 10000 + thousands.digit * 1000 + hundreds.digit * 100'
            ~ ' + tens.digit * 10 + units.digit'
        ) }} as date_day

    from digits as units

    cross join digits as tens

    cross join digits as hundreds

    cross join digits as thousands

    cross join digits as tens_of_thousands

)

select
    date_day,
    cast(extract(year from date_day) as bigint) as year_number,
    cast(extract(quarter from date_day) as bigint) as quarter_number,
    cast(extract(month from date_day) as bigint) as month_number,
    cast(extract(day from date_day) as bigint) as day_number,
    cast(date_trunc('month', date_day) as date) as month_date,
    substr(cast(date_day as varchar), 1, 7) as year_month,
    case cast(extract(month from date_day) as bigint)
        {%- for month in [
            'Janeiro',
            'Fevereiro',
            'Março',
            'Abril',
            'Maio',
            'Junho',
            'Julho',
            'Agosto',
            'Setembro',
            'Outubro',
            'Novembro',
            'Dezembro'
        ] %}
        when {{ loop.index }} then '{{ month }}'
        {%- endfor %}
    end as month_name,
    {{ days_between('date_day', as_of_date()) }} as days_before_as_of_date

from days

where extract(year from date_day) <= extract(year from {{ as_of_date() }})
