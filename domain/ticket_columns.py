"""The expressions of a ticket's generated columns and indexes, as the server prints them: Alembic compares texts."""

from domain.ticket_state import URGENCY

FAR = "'9999-01-01 00:00:00+00'::timestamptz"
OPEN_UNTIL = f"coalesce(closed_at, {FAR})"
"""When the ticket was closed, and later than any moment while it is open: one range finds both what is open and what
was closed lately.
"""

_RANKS = "".join(f"WHEN '{name}'::text THEN {rank}\n" for rank, name in enumerate(URGENCY))
PRIORITY_RANK = f"\nCASE priority\n{_RANKS}ELSE NULL::integer\nEND"

TEXT_PIECES = """
CREATE FUNCTION text_pieces(written text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(folded, place, size)), '{}')
      FROM lower(normalize(written, NFKC)) AS folded, generate_series(1, length(folded)) AS place,
           (VALUES (1), (2)) AS sizes (size)
$$
"""
"""All characters and pairs of characters of a text, case and width aside: an index finds parts of subjects by it."""
