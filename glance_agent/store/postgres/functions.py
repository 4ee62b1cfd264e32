"""Functions of SQLite that statements of the ports call, made in the database of a library."""

from __future__ import annotations

FUNCTIONS = r"""
CREATE FUNCTION json_each(text) RETURNS TABLE (value text) LANGUAGE sql IMMUTABLE AS
  'SELECT json_array_elements_text($1::json)';

CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN document::json #>> string_to_array(substr(path, 3), '.');
EXCEPTION WHEN invalid_text_representation THEN
  RETURN NULL;
END $$;

CREATE FUNCTION as_json_array(bigint[]) RETURNS text LANGUAGE sql IMMUTABLE AS
  'SELECT array_to_json($1)::text';
CREATE AGGREGATE json_group_array(bigint) (
  SFUNC = array_append, STYPE = bigint[], INITCOND = '{}', FINALFUNC = as_json_array
);

CREATE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT strpos($1, $2)';

CREATE FUNCTION hex(bytea) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$SELECT upper(encode($1, 'hex'))$$;

-- The smaller one is what others are divided by: NULL where SQLite would divide by nothing.
CREATE FUNCTION min(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  'SELECT CASE WHEN $1 <> 0 AND $2 <> 0 THEN least($1, $2) END';
CREATE FUNCTION max(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  'SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN greatest($1, $2) END';

-- Only for times in the form in which they are kept, set by so many seconds.
CREATE FUNCTION strftime(form text, at text, modifier text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(
    date_trunc('milliseconds', at::timestamptz + modifier::interval) AT TIME ZONE 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS.MS"+00:00"'
  ) $$;

-- The name of an artist as it is looked for, which whoever keeps a label folds.
CREATE FUNCTION glance_fold(name text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT l.artist FROM labels l JOIN artworks a ON a.rowid = l.work WHERE a.artist = name LIMIT 1
$$;
"""
