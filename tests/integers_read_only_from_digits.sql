-- A row here is a count or a score that staging reads as another number, or reads
-- although it is none (a bare cast makes 8 of 7.6 and 16 of 0x10). The fault is in the
-- macro parse_integer.
with

literals as (

    select
        listed.literal,
        cast(listed.expected_value as bigint) as expected_value

    from (
        values
        ('0', 0),
        ('-0', 0),
        ('10', 10),
        ('-1', -1),
        ('007', 7),
        (' 7 ', 7),
        ('9223372036854775807', 9223372036854775807),
        ('9223372036854775808', null),
        ('7.6', null),
        ('7,6', null),
        ('7.0', null),
        ('+7', null),
        ('--7', null),
        ('-', null),
        ('1_000', null),
        ('1.000', null),
        ('1 000', null),
        ('0x10', null),
        ('1e3', null),
        ('nan', null),
        ('inf', null),
        ('true', null),
        ('７', null),
        ('7' || chr(160), 7),
        ('7' || chr(9), null),
        ('sete', null),
        ('', null),
        ('  ', null),
        (cast(null as varchar), null)
    ) as listed (literal, expected_value)

),

parsed as (

    select
        literal,
        expected_value,
        {{ parse_integer('literal') }} as parsed_value

    from literals

)

select *

from parsed

where expected_value is distinct from parsed_value
