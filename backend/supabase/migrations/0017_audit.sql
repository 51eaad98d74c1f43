-- The audit log: append-only, a chain of hashes for each learner, written by triggers.
create table if not exists public.audit_heads (
  user_id uuid primary key references auth.users (id) on delete cascade,
  n bigint not null default 0 check (n >= base_n),
  hash text not null default repeat('0', 64) check (hash ~ '^[0-9a-f]{64}$'),
  -- Up to here rows were removed because they had been kept long enough; the chain goes on from this hash.
  base_n bigint not null default 0 check (base_n >= 0),
  base_hash text not null default repeat('0', 64) check (base_hash ~ '^[0-9a-f]{64}$')
);

create table if not exists public.audit_log (
  user_id uuid not null references auth.users (id) on delete cascade,
  n bigint not null check (n > 0),
  at timestamptz not null,
  actor text not null check (actor in ('learner', 'service', 'system')),
  action text not null check (action ~ '^[a-z]{1,30}[.][a-z_]{1,30}$'),
  record text check (char_length(record) between 1 and 120),
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  origin text check (char_length(origin) between 1 and 64),
  request_id text check (char_length(request_id) between 1 and 64),
  prev text not null check (prev ~ '^[0-9a-f]{64}$'),
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  primary key (user_id, n)
);

create index if not exists audit_log_by_time on public.audit_log (at);

-- One chain a learner: the lock on its head makes writers of one learner queue up, and nobody else's. The hash
-- is that of the row's fields as a JSON array; app/services/audit.py computes the same.
create or replace function public.audit_chain() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  head public.audit_heads;
begin
  insert into public.audit_heads as h (user_id) values (new.user_id)
    on conflict (user_id) do update set n = h.n returning * into head;
  new.n = head.n + 1;
  new.at = clock_timestamp();
  new.actor = case auth.jwt() ->> 'role'
    when 'authenticated' then 'learner' when 'service_role' then 'service' else 'system' end;
  new.origin = left(nullif(current_setting('speakmate.origin', true), ''), 64);
  new.request_id = left(nullif(current_setting('speakmate.request_id', true), ''), 64);
  new.prev = head.hash;
  new.hash = encode(sha256(convert_to(jsonb_build_array(new.prev, new.user_id, new.n,
    to_char(new.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    new.actor, new.action, new.record, new.details, new.origin, new.request_id)::text, 'UTF8')), 'hex');
  update public.audit_heads set n = new.n, hash = new.hash where user_id = new.user_id;
  return new;
end
$$;

create or replace trigger audit_log_chain before insert on public.audit_log
  for each row execute function public.audit_chain();

-- Nobody changes a row. One may go with its account, or when it was kept long enough and the chain knows.
create or replace function public.audit_refuse() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    if not exists (select from auth.users where id = old.user_id)
      or old.n <= (select base_n from public.audit_heads where user_id = old.user_id) then
      return old;
    end if;
  end if;
  raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end
$$;

create or replace trigger audit_log_refuse before update or delete on public.audit_log
  for each row execute function public.audit_refuse();
create or replace trigger audit_log_refuse_truncate before truncate on public.audit_log
  for each statement execute function public.audit_refuse();

-- What was inserted: one row of the log for each learner that a statement wrote for, however many rows it wrote.
-- Arguments: action, kind of record, its column, and columns whose values are told.
create or replace function public.audit_inserts() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into public.audit_log (user_id, action, record, details)
  select coalesce(w.row ->> 'user_id', w.row ->> 'id')::uuid, tg_argv[0],
    case when count(*) = 1 then tg_argv[1] || '/' || min(w.row ->> tg_argv[2]) else tg_argv[1] end,
    case when count(*) > 1 then jsonb_build_object('rows', count(*)) when tg_argv[3] is null then '{}'
      else jsonb_build_object(tg_argv[3], min(w.row ->> tg_argv[3])) end
  from (select to_jsonb(written) as row from written) w
  group by 1;
  return null;
end
$$;

-- What was changed: the names of the columns, never what was in them. Arguments as above.
create or replace function public.audit_changes() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  was jsonb := to_jsonb(old);
  is_ jsonb := to_jsonb(new);
  changed jsonb;
begin
  select jsonb_agg(key order by key) into changed from jsonb_object_keys(is_) key
    where key <> 'updated_at' and is_ -> key is distinct from was -> key;
  if changed is not null then
    insert into public.audit_log (user_id, action, record, details)
    values (coalesce(is_ ->> 'user_id', is_ ->> 'id')::uuid, tg_argv[0],
      tg_argv[1] || '/' || (is_ ->> tg_argv[2]),
      jsonb_build_object('changed', changed)
        || case when tg_argv[3] is null then '{}' else jsonb_build_object(tg_argv[3], is_ ->> tg_argv[3]) end);
  end if;
  return null;
end
$$;

create or replace trigger profiles_audit_insert after insert on public.profiles
  referencing new table as written for each statement
  execute function public.audit_inserts('account.created', 'account', 'id');
create or replace trigger profiles_audit_update after update on public.profiles
  for each row execute function public.audit_changes('profile.changed', 'account', 'id');

create or replace trigger sessions_audit_insert after insert on public.sessions
  referencing new table as written for each statement
  execute function public.audit_inserts('session.created', 'session', 'id', 'mode');
create or replace trigger sessions_audit_start after update of status on public.sessions
  for each row when (old.status <> 'live' and new.status = 'live')
  execute function public.audit_changes('session.started', 'session', 'id');
create or replace trigger sessions_audit_take_over after update of epoch on public.sessions
  for each row when (old.status = 'live' and new.status = 'live' and old.epoch <> new.epoch)
  execute function public.audit_changes('session.claimed', 'session', 'id');
create or replace trigger sessions_audit_end after update of status on public.sessions
  for each row when (old.status <> 'ended' and new.status = 'ended')
  execute function public.audit_changes('session.ended', 'session', 'id');
create or replace trigger sessions_audit_recording after update of audio_deleted_at on public.sessions
  for each row when (old.audio_deleted_at is distinct from new.audio_deleted_at)
  execute function public.audit_changes('recording.removed', 'session', 'id');

create or replace trigger jobs_audit_insert after insert on public.jobs
  referencing new table as written for each statement
  execute function public.audit_inserts('job.queued', 'session', 'session_id', 'kind');
create or replace trigger jobs_audit_done after update of status on public.jobs
  for each row when (old.status <> 'done' and new.status = 'done')
  execute function public.audit_changes('job.done', 'session', 'session_id', 'kind');
create or replace trigger jobs_audit_failed after update of status on public.jobs
  for each row when (old.status <> 'failed' and new.status = 'failed')
  execute function public.audit_changes('job.failed', 'session', 'session_id', 'kind');
create or replace trigger jobs_audit_restored after update of status on public.jobs
  for each row when (old.status in ('done', 'failed') and new.status = 'queued')
  execute function public.audit_changes('job.restored', 'session', 'session_id', 'kind');

create or replace trigger analyses_audit_insert after insert on public.analyses
  referencing new table as written for each statement
  execute function public.audit_inserts('analysis.stored', 'session', 'session_id', 'method_version');
create or replace trigger analyses_audit_update after update on public.analyses
  for each row execute function public.audit_changes('analysis.replaced', 'session', 'session_id', 'method_version');

create or replace trigger finding_feedback_audit_insert after insert on public.finding_feedback
  referencing new table as written for each statement
  execute function public.audit_inserts('finding.judged', 'finding', 'finding_id', 'verdict');
create or replace trigger finding_feedback_audit_update after update on public.finding_feedback
  for each row execute function public.audit_changes('finding.judged', 'finding', 'finding_id', 'verdict');

create or replace trigger training_cards_audit_insert after insert on public.training_cards
  referencing new table as written for each statement
  execute function public.audit_inserts('card.made', 'card', 'id');
create or replace trigger training_cards_audit_status after update of status on public.training_cards
  for each row when (old.status <> new.status)
  execute function public.audit_changes('card.changed', 'card', 'id', 'status');
create or replace trigger training_reviews_audit_insert after insert on public.training_reviews
  referencing new table as written for each statement
  execute function public.audit_inserts('drill.completed', 'card', 'card_id');
create or replace trigger training_reviews_audit_update after update on public.training_reviews
  for each row when (old.grade <> new.grade or old.undone_at is distinct from new.undone_at)
  execute function public.audit_changes('drill.changed', 'card', 'card_id');
create or replace trigger training_plans_audit_insert after insert on public.training_plans
  referencing new table as written for each statement
  execute function public.audit_inserts('plan.made', 'account', 'user_id');
create or replace trigger training_plans_audit_update after update on public.training_plans
  for each row execute function public.audit_changes('plan.made', 'account', 'user_id');

create or replace trigger socket_tickets_audit_insert after insert on public.socket_tickets
  referencing new table as written for each statement
  execute function public.audit_inserts('ticket.issued', 'session', 'session_id');

-- Removes rows older than `keep_days` from the beginning of every chain; what is left can still be checked.
create or replace function public.prune_audit(keep_days integer) returns bigint
  language plpgsql security definer set search_path = '' as $$
declare
  removed bigint;
begin
  if keep_days < 30 then
    raise exception 'the audit log is kept for 30 days at least';
  end if;
  update public.audit_heads h set base_n = l.n, base_hash = l.hash
  from (
    select distinct on (user_id) user_id, n, hash from public.audit_log
    where at < now() - make_interval(days => keep_days) order by user_id, n desc
  ) l
  where h.user_id = l.user_id;
  delete from public.audit_log a using public.audit_heads h
  where a.user_id = h.user_id and a.n <= h.base_n;
  get diagnostics removed = row_count;
  return removed;
end
$$;

-- Whoever was here before the log has a chain too: one that is missing altogether shows.
insert into public.audit_heads (user_id) select id from public.profiles on conflict (user_id) do nothing;

alter table public.audit_heads enable row level security;
alter table public.audit_heads force row level security;
alter table public.audit_log enable row level security;
alter table public.audit_log force row level security;

drop policy if exists audit_heads_select on public.audit_heads;
create policy audit_heads_select on public.audit_heads for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists audit_log_select on public.audit_log;
create policy audit_log_select on public.audit_log for select to authenticated
  using ((select auth.uid()) = user_id);
-- What was read; everything that was written is noted by triggers.
drop policy if exists audit_log_insert on public.audit_log;
create policy audit_log_insert on public.audit_log for insert to authenticated
  with check ((select auth.uid()) = user_id and action in ('recording.read', 'report.read', 'data.exported'));

revoke all on public.audit_heads, public.audit_log from public, anon, authenticated, service_role;
grant select on public.audit_heads, public.audit_log to authenticated, service_role;
grant insert (user_id, action, record) on public.audit_log to authenticated;
revoke all on function public.audit_chain(), public.audit_refuse(), public.audit_inserts(),
  public.audit_changes(), public.prune_audit(integer)
  from public, anon, authenticated, service_role;
grant execute on function public.prune_audit(integer) to service_role;
