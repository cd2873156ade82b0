#!/bin/sh
# Runs once, when the database is new: Temporal gets a role of its own that cannot read our tables.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$TEMPORAL_POSTGRES_PASSWORD" \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role temporal login createdb password :'password';
revoke connect on database throughline from public;
SQL
