#!/usr/bin/env bash
# Backs up the database and the recordings into a new folder: backup.sh FOLDER [COMMAND ...]
# BACKUP_DATABASE_URL: a role that bypasses row level security (`postgres`).
# BLOBS: the folder DATA_DIR/blobs, or that of a copy of the bucket, which COMMAND brings up to date.
# Set PG_BIN where pg_dump and psql are not on PATH; pg_dump must not be older than the server.
set -euo pipefail
umask 077
folder=${1:?usage: backup.sh FOLDER [COMMAND ...]}
shift
: "${BACKUP_DATABASE_URL:?the connection string of a role that bypasses row level security}"
: "${BLOBS:?the folder of the recordings: DATA_DIR/blobs, or a copy of the bucket}"
bin=${PG_BIN:+$PG_BIN/}

mkdir "$folder" # never into an older backup
unfinished() { [ -e "$folder/SHA256SUMS" ] || echo "The backup in $folder is not complete; do not use it." >&2; }
trap unfinished EXIT

# The database first: a recording that comes later is one too many, one that is missing would be a loss.
"${bin}pg_dump" --dbname "$BACKUP_DATABASE_URL" --format custom --no-owner \
  --schema public --schema auth --schema schema_history --file "$folder/database.dump"
[ $# = 0 ] || "$@"
recordings=$("${bin}psql" "$BACKUP_DATABASE_URL" --no-psqlrc --tuples-only --no-align \
  --command "select count(*) from public.sessions where audio_ms > 0")
if [ "$recordings" != 0 ] && [ -z "$(ls -A "$BLOBS/audio" 2>/dev/null)" ]; then
  echo "The database knows $recordings recordings, and $BLOBS holds none." >&2
  echo "Where they are in Storage, let BLOBS name a copy of the bucket." >&2
  exit 1
fi
# Files that are removed meanwhile (erased accounts, old recordings) are meant to be gone.
mkdir -p "$BLOBS"
tar --create --file "$folder/blobs.tar" --directory "$BLOBS" --exclude '.half-*' \
  --ignore-failed-read --warning no-file-removed --warning no-file-changed . || [ $? -eq 1 ]
(cd "$folder" && sha256sum database.dump blobs.tar >SHA256SUMS.new && mv SHA256SUMS.new SHA256SUMS)
echo "$folder: $(du -sh "$folder" | cut -f1)"
