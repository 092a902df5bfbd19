-- A row here is an amount that staging reads as another number, or reads although it
-- is none: money would be wrong by a factor without a word. The fault is in the macro
-- parse_decimal.
with

literals as (

    select
        listed.literal,
        listed.comma_value,
        listed.dot_value

    from (
        values
        -- plain numbers, read with either mark
        ('0', '0', '0'),
        ('-0', '0', '0'),
        ('7', '7', '7'),
        ('007', '7', '7'),
        ('-3', '-3', '-3'),
        ('999999999999', '999999999999', '999999999999'),
        ('-999999999999', '-999999999999', '-999999999999'),
        ('  12  ', '12', '12'),
        -- one mark, read by its own family only
        ('12,5', '12.5', null),
        ('12.5', null, '12.5'),
        ('-0,01', '-0.01', null),
        ('-0.01', null, '-0.01'),
        ('0,004', '0.004', null),
        ('0.004', null, '0.004'),
        ('0,000001', '0.000001', null),
        ('1000,123456789', '1000.123457', null),
        ('1000.123456789', null, '1000.123457'),
        ('0,0000004', '0', null),
        ('1,234', '1.234', null),
        ('1.234', null, '1.234'),
        (' -7,25 ', '-7.25', null),
        -- a mark without digits on both sides
        (',5', null, null),
        ('.5', null, null),
        ('5,', null, null),
        ('5.', null, null),
        ('-', null, null),
        ('-,5', null, null),
        (',', null, null),
        ('.', null, null),
        -- thousands separators, which the vendor does not write
        ('1.234,56', null, null),
        ('1,234.56', null, null),
        ('1.234.567', null, null),
        ('1,234,567', null, null),
        ('1 234,56', null, null),
        ('1_000', null, null),
        ('1''000', null, null),
        -- signs and currency
        ('+5', null, null),
        ('--5', null, null),
        ('5-', null, null),
        ('(5)', null, null),
        ('R$ 5', null, null),
        ('R$5,00', null, null),
        ('5%', null, null),
        -- a small number may come with an exponent, a large one has lost its digits
        ('8,7e-05', '0.000087', null),
        ('8.7E-05', null, '0.000087'),
        ('4e-1', '0.4', '0.4'),
        ('-1e-2', '-0.01', '-0.01'),
        ('1e-400', null, null),
        ('1e-', null, null),
        ('e-5', null, null),
        ('8,7e-05', '0.000087', null),
        ('8.7E-05', null, '0.000087'),
        ('1e5', null, null),
        ('1E+05', null, null),
        ('1,5e3', null, null),
        ('1e400', null, null),
        -- what casts accept and a file does not mean
        ('nan', null, null),
        ('NaN', null, null),
        ('inf', null, null),
        ('-inf', null, null),
        ('Infinity', null, null),
        ('0x10', null, null),
        ('true', null, null),
        ('null', null, null),
        -- too large for DECIMAL(18,6)
        ('1000000000000', null, null),
        ('99999999999999999999', null, null),
        -- other digits and blanks
        ('٣', null, null),
        ('５', null, null),
        ('5 5', null, null),
        ('5' || chr(9), null, null),
        -- a non-breaking blank is a blank, as in clean_text
        ('5' || chr(160), '5', '5'),
        (chr(160) || '5', '5', '5'),
        ('5' || chr(160) || '5', null, null),
        ('doze', null, null),
        ('2025-03-25', null, null),
        -- nothing
        ('', null, null),
        ('   ', null, null),
        (cast(null as varchar), null, null)
    ) as listed (literal, comma_value, dot_value)

),

parsed as (

    select
        literal,
        cast(comma_value as decimal(18, 6)) as comma_value,
        cast(dot_value as decimal(18, 6)) as dot_value,
        {{ parse_decimal('literal', ',') }} as parsed_comma_value,
        {{ parse_decimal('literal', '.') }} as parsed_dot_value

    from literals

)

select *

from parsed

where comma_value is distinct from parsed_comma_value
    or dot_value is distinct from parsed_dot_value
