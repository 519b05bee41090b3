SELECT e.enumlabel::pg_catalog.text AS label
FROM pg_catalog.pg_enum AS e
JOIN pg_catalog.pg_attribute AS a ON a.atttypid = e.enumtypid
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1::pg_catalog.name AND c.relname = $2::pg_catalog.name AND a.attname = $3::pg_catalog.name
ORDER BY e.enumsortorder
LIMIT $4
