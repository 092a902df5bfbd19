{#
    What becomes of a row in silver, from four judgements in this order:

    superseded  a newer delivery says the same thing again
    set_aside   it cannot be believed (`reason_code` is not null)
    later       it happened after as_of_date
    duplicate   an equal row is kept already
    kept        everything else

    Each bronze row gets exactly one, which is what the reconciliation counts.
    is_superseded, is_later, is_duplicate: boolean expressions, never null.
#}
{% macro row_status(is_superseded='false', is_later='false', is_duplicate='false') -%}
    case
        when {{ is_superseded }} then 'superseded'
        when reason_code is not null then 'set_aside'
        when {{ is_later }} then 'later'
        when {{ is_duplicate }} then 'duplicate'
        else 'kept'
    end
{%- endmacro %}
