SELECT pg_catalog.current_database()::pg_catalog.text AS database,
       current_user::pg_catalog.text AS role,
       pg_catalog.current_setting('server_version') AS version,
       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS may_read_control
