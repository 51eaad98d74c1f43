-- When a recording was removed because it had been kept long enough; then `audio_ms` is 0.

alter table public.sessions add column if not exists audio_deleted_at timestamptz;

grant update (audio_ms, audio_deleted_at) on public.sessions to service_role;
