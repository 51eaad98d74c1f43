-- What a learner has used is counted from `status`, `started_at` and `audio_ms`, and a learner's own token may
-- write to a session without the application: so the service alone begins one.
create or replace function public.refuse_rewind() returns trigger
  language plpgsql set search_path = '' as $$
begin
  raise exception 'a learner can only end a session and make it longer' using errcode = 'insufficient_privilege';
end
$$;
create or replace trigger sessions_rewind before update of status, audio_ms on public.sessions
  for each row when (current_user = 'authenticated' and (
    new.audio_ms < old.audio_ms or (new.status <> old.status and new.status <> 'ended')))
  execute function public.refuse_rewind();
revoke all on function public.refuse_rewind() from public, anon, authenticated, service_role;
revoke update (epoch, started_at) on public.sessions from authenticated;
grant update (status, started_at) on public.sessions to service_role;
