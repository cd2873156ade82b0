#!/bin/sh
# Runs once, when the database is new: API and worker get a login that owns nothing. `prepare` makes it a member of the product's roles.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$SERVICE_POSTGRES_PASSWORD" \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role throughline_service login nocreatedb nocreaterole password :'password';
grant connect on database throughline to throughline_service;
SQL
