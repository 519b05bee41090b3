SELECT pg_catalog.clock_timestamp() AS server_at,
       pg_catalog.pg_is_in_recovery() AS is_replica,
       CASE
           WHEN NOT pg_catalog.pg_is_in_recovery() THEN NULL
           WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
           ELSE (EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())
                 * 1000)::pg_catalog.int8
       END AS replay_lag_ms
