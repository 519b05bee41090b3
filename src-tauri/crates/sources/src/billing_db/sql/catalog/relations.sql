SELECT c.relname::pg_catalog.text AS name,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qualified,
       CASE WHEN outside.is_there THEN 'f' ELSE c.relkind::pg_catalog.text END AS kind,
       CASE WHEN c.reltuples >= 0 THEN c.reltuples::pg_catalog.int8 END AS rows_estimated,
       columns.names AS column_names,
       columns.quoted AS column_quoted,
       columns.types AS column_types,
       columns.grants AS column_grants
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    WITH RECURSIVE below AS (
        SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid
        UNION
        SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN below AS b ON i.inhparent = b.inhrelid
    )
    SELECT EXISTS (
        SELECT FROM below AS b JOIN pg_catalog.pg_class AS d ON d.oid = b.inhrelid WHERE d.relkind = 'f'
    ) AS is_there
) AS outside
CROSS JOIN LATERAL (
    SELECT COALESCE(pg_catalog.array_agg(a.attname::pg_catalog.text ORDER BY a.attnum), '{}') AS names,
           COALESCE(pg_catalog.array_agg(pg_catalog.format('%I', a.attname) ORDER BY a.attnum), '{}') AS quoted,
           COALESCE(pg_catalog.array_agg(
               CASE
                   WHEN t.typtype = 'e' THEN 'enum'
                   WHEN tn.nspname = 'pg_catalog' THEN t.typname::pg_catalog.text
                   ELSE 'other'
               END ORDER BY a.attnum), '{}') AS types,
           COALESCE(pg_catalog.array_agg(
               pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') ORDER BY a.attnum), '{}') AS grants
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.typnamespace
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) AS columns
WHERE n.nspname = $1::pg_catalog.name
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND ($2::pg_catalog.text[] IS NULL OR c.relname = ANY ($2::pg_catalog.name[]))
ORDER BY c.relname
LIMIT $3
