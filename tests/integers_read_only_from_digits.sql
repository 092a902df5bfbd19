-- A row here is a count or a score that staging reads as another number, or reads
-- although it is none (a bare cast makes 8 of 7.6 and 16 of 0x10). The fault is in the
-- macro parse_integer.
with

literals as (

    select
        listed.literal,
        cast(listed.expected_value as bigint) as expected_value,
        cast(listed.comma_value as bigint) as comma_value,
        cast(listed.dot_value as bigint) as dot_value

    from (
        values
        ('0', 0, 0, 0),
        ('-0', 0, 0, 0),
        ('10', 10, 10, 10),
        ('-1', -1, -1, -1),
        ('007', 7, 7, 7),
        (' 7 ', 7, 7, 7),
        ('9223372036854775807', 9223372036854775807, 9223372036854775807, 9223372036854775807),
        ('9223372036854775808', null, null, null),
        ('7.6', null, null, null),
        ('7,6', null, null, null),
        ('7.0', null, 7, 7),
        -- only zeros after the mark: a whole number; three of them could be thousands
        ('7,0', null, 7, 7),
        ('-7,00', null, -7, -7),
        ('7.00', null, 7, 7),
        ('7,000', null, 7, null),
        ('7.0000', null, null, 7),
        ('7,0000', null, 7, null),
        ('0,0', null, 0, 0),
        ('7,5', null, null, null),
        ('7.05', null, null, null),
        ('7,', null, null, null),
        (',0', null, null, null),
        ('1.000,0', null, null, null),
        ('1,000.0', null, null, null),
        ('7.0.0', null, null, null),
        ('9223372036854775808,0', null, null, null),
        ('+7', null, null, null),
        ('--7', null, null, null),
        ('-', null, null, null),
        ('1_000', null, null, null),
        ('1.000', null, null, 1),
        ('1 000', null, null, null),
        ('0x10', null, null, null),
        ('1e3', null, null, null),
        ('nan', null, null, null),
        ('inf', null, null, null),
        ('true', null, null, null),
        ('７', null, null, null),
        ('7' || chr(160), 7, 7, 7),
        ('7' || chr(9), null, null, null),
        ('sete', null, null, null),
        ('', null, null, null),
        ('  ', null, null, null),
        (cast(null as varchar), null, null, null)
    ) as listed (literal, expected_value, comma_value, dot_value)

),

parsed as (

    select
        literal,
        expected_value,
        comma_value,
        dot_value,
        {{ parse_integer('literal') }} as parsed_value,
        {{ parse_integer('literal', ',') }} as parsed_comma_value,
        {{ parse_integer('literal', '.') }} as parsed_dot_value

    from literals

)

select *

from parsed

where expected_value is distinct from parsed_value
    or comma_value is distinct from parsed_comma_value
    or dot_value is distinct from parsed_dot_value
