SELECT pg_catalog.count(*) AS rows FROM {relation}
