SELECT s.name::pg_catalog.text AS name, pg_catalog.current_setting(s.name) AS value
FROM pg_catalog.unnest($1::pg_catalog.text[]) AS s(name)
