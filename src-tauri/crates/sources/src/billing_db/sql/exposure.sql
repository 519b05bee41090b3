SELECT pg_catalog.count(*) FILTER (WHERE {exposed}) AS exposed, pg_catalog.count(*) AS eligible
FROM {relation} AS r
WHERE {eligible}
