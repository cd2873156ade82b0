#!/bin/sh
# Brings both of Temporal's databases to the schema of this release; harmless to repeat.
set -eu

prepare() {
  database=$1
  schema=/etc/temporal/schema/postgresql/v12/$2/versioned
  tool() { temporal-sql-tool --plugin postgres12 --ep postgres -p 5432 -u temporal --db "$database" "$@"; }
  # An update works only where the database is there already; otherwise it is made from nothing.
  if tool update-schema -d "$schema"; then return; fi
  # A first try that was cut short may have made it.
  tool create || echo "$database is there already"
  tool setup-schema -v 0.0
  tool update-schema -d "$schema"
}

prepare temporal temporal
prepare temporal_visibility visibility
