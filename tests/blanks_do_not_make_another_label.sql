-- A row here is a label that differs from another by its blanks only, or an empty one
-- that is not null: customers would be counted under two names. The fault is in the
-- macro clean_text.
with

literals as (

    select
        listed.literal,
        listed.expected_text

    from (
        values
        ('VAREJO', 'VAREJO'),
        (' VAREJO ', 'VAREJO'),
        ('COOPERATIVA  AGROPECUARIA', 'COOPERATIVA AGROPECUARIA'),
        ('A   B  C', 'A B C'),
        ('A' || chr(160) || 'B', 'A B'),
        ('A ' || chr(160) || ' B', 'A B'),
        (chr(160) || 'A' || chr(160), 'A'),
        ('LOCAÇÃO', 'LOCAÇÃO'),
        ('varejo', 'varejo'),
        ('0', '0'),
        ('', null),
        ('   ', null),
        (chr(160), null),
        (cast(null as varchar), null)
    ) as listed (literal, expected_text)

),

cleaned as (

    select
        literal,
        expected_text,
        {{ clean_text('literal') }} as cleaned_text

    from literals

)

select *

from cleaned

where expected_text is distinct from cleaned_text
