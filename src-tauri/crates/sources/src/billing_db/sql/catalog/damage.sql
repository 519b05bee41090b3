SELECT (SELECT s.checksum_failures FROM pg_catalog.pg_stat_database AS s
        WHERE s.datname = pg_catalog.current_database()) AS checksum_failures,
       COALESCE((SELECT pg_catalog.array_agg(found.name ORDER BY found.name) FROM (
           SELECT pg_catalog.format('index %s', c.relname) AS name
           FROM pg_catalog.pg_index AS i
           JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
           JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
           WHERE n.nspname = $1::pg_catalog.name AND NOT i.indisvalid
           UNION ALL
           SELECT pg_catalog.format('constraint %s of %s', k.conname, t.relname)
           FROM pg_catalog.pg_constraint AS k
           JOIN pg_catalog.pg_class AS t ON t.oid = k.conrelid
           JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
           WHERE n.nspname = $1::pg_catalog.name AND NOT k.convalidated
           ORDER BY 1
           LIMIT $2
       ) AS found), '{}') AS invalid
