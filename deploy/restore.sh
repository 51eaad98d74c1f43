#!/usr/bin/env bash
# Puts a backup back, into a database without the product's tables and a folder without recordings: restore.sh FOLDER
# RESTORE_DATABASE_URL: the owner of the database (`postgres`); BLOBS: the folder DATA_DIR/blobs, or
# an empty one whose content goes to the bucket afterwards.
# SCHEMAS: which schemas to restore; on a hosted project, whose accounts Supabase restores, `public`. All by default.
set -euo pipefail
umask 077
folder=${1:?usage: restore.sh FOLDER}
: "${RESTORE_DATABASE_URL:?the connection string of the owner of the database}"
: "${BLOBS:?an empty folder for the recordings}"
bin=${PG_BIN:+$PG_BIN/}

(cd "$folder" && sha256sum --check --quiet SHA256SUMS)
tables=$("${bin}psql" "$RESTORE_DATABASE_URL" --no-psqlrc --tuples-only --no-align \
  --command "select count(*) from pg_tables where schemaname = 'public'")
if [ "$tables" != 0 ]; then
  echo "The database has $tables tables already; restore into an empty one." >&2
  exit 1
fi
if [ -n "$(ls -A "$BLOBS" 2>/dev/null)" ]; then
  echo "$BLOBS is not empty; restore into an empty folder." >&2
  exit 1
fi

# Recordings first: a server that finds the database finds them too. All of the database or nothing of it.
mkdir -p "$BLOBS"
tar --extract --file "$folder/blobs.tar" --directory "$BLOBS" --no-same-owner
options=(--no-owner --single-transaction --exit-on-error)
if [ -n "${SCHEMAS:-}" ]; then
  for schema in $SCHEMAS; do options+=(--schema "$schema"); done
fi
"${bin}pg_restore" --list "$folder/database.dump" | grep -v ' SCHEMA - public ' >"$BLOBS/.contents"
trap 'rm -f "$BLOBS/.contents"' EXIT
"${bin}pg_restore" --dbname "$RESTORE_DATABASE_URL" "${options[@]}" \
  --use-list "$BLOBS/.contents" "$folder/database.dump"
echo "Restored. Start one server and look at /ready before you start the others."
