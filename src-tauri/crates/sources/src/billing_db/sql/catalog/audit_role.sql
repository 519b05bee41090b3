WITH roles AS (
    SELECT r.oid, r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication
    FROM pg_catalog.pg_roles AS r
    WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')
),
relations AS (
    SELECT c.oid, c.relkind, c.relowner, pg_catalog.format('%I.%I', n.nspname, c.relname) AS qualified
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
),
findings AS (
    SELECT 1 AS rank, 'deny' AS severity, 'role_attribute' AS kind, r.rolname || ' is ' || v.attribute AS what
    FROM roles AS r
    CROSS JOIN LATERAL (VALUES
        ('superuser', r.rolsuper), ('createrole', r.rolcreaterole),
        ('createdb', r.rolcreatedb), ('replication', r.rolreplication)
    ) AS v(attribute, is_held)
    WHERE v.is_held
    UNION ALL
    SELECT 1, 'deny', 'predefined_role', r.rolname::pg_catalog.text
    FROM roles AS r
    WHERE r.rolname IN (
        'pg_write_all_data', 'pg_write_server_files', 'pg_read_server_files', 'pg_execute_server_program',
        'pg_signal_backend', 'pg_checkpoint', 'pg_maintain', 'pg_create_subscription', 'pg_signal_autovacuum_worker')
    UNION ALL
    SELECT 2, 'write', 'relation_owner', c.qualified
    FROM relations AS c
    WHERE c.relowner IN (SELECT r.oid FROM roles AS r)
    UNION ALL
    SELECT 2, 'write', 'relation_write', c.qualified
    FROM relations AS c
    WHERE EXISTS (
        SELECT FROM roles AS r
        WHERE CASE
            WHEN c.relkind IN ('r', 'p', 'v', 'm', 'f') THEN
                pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE')
            WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(r.oid, c.oid, 'USAGE, UPDATE')
            ELSE false
        END)
    UNION ALL
    SELECT 2, 'write', 'schema_create', n.nspname::pg_catalog.text
    FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname !~ '^pg_(toast|temp)'
      AND EXISTS (SELECT FROM roles AS r WHERE pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE'))
    UNION ALL
    SELECT 2, 'write', 'database_create', d.datname::pg_catalog.text
    FROM pg_catalog.pg_database AS d
    WHERE d.datname = pg_catalog.current_database()
      AND EXISTS (SELECT FROM roles AS r WHERE pg_catalog.has_database_privilege(r.oid, d.oid, 'CREATE'))
    UNION ALL
    SELECT 3, 'note', 'security_definer', pg_catalog.format('%I.%I', n.nspname, p.proname)
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND n.nspname <> 'pg_catalog' AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
    UNION ALL
    SELECT 3, 'note', 'side_door_extension', e.extname::pg_catalog.text
    FROM pg_catalog.pg_extension AS e
    WHERE e.extname IN (
        'dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'plpython3u', 'plperlu', 'pg_cron', 'pg_background')
    UNION ALL
    SELECT 3, 'note', 'temp_tables', 'role may create temporary tables'
    WHERE pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP')
)
SELECT f.severity, f.kind, f.what FROM findings AS f ORDER BY f.rank, f.kind, f.what LIMIT $1
