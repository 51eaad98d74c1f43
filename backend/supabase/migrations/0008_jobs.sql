-- One queue for all that is done after a session. Until now the row of an analysis was a job too; what was
-- queued, running, parked or done stays so.

create table if not exists public.jobs (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind ~ '^[a-z][a-z_]{0,39}$'),
  session_id uuid not null,
  user_id uuid not null,
  status text not null default 'queued' check (status in ('queued', 'running', 'done', 'failed')),
  progress smallint not null default 0 check (progress between 0 and 100),
  attempt integer not null default 0 check (attempt >= 0),
  lease_owner text check (char_length(lease_owner) between 1 and 200),
  lease_until timestamptz,
  run_after timestamptz not null default now(),
  error text check (char_length(error) <= 2000),
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  unique (session_id, kind),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade,
  check ((status = 'running') = (lease_owner is not null and lease_until is not null)),
  check ((status in ('done', 'failed')) = (finished_at is not null))
);

create index if not exists jobs_queued on public.jobs (run_after) where status = 'queued';
create index if not exists jobs_running on public.jobs (lease_until) where status = 'running';
create index if not exists jobs_started on public.jobs (started_at);

insert into public.jobs (id, kind, session_id, user_id, status, progress, attempt, lease_owner, lease_until,
    run_after, error, created_at, started_at, finished_at)
  select id, 'analysis', session_id, user_id, status, progress, attempt, lease_owner, lease_until, run_after,
    error, created_at, started_at, finished_at
  from public.analyses
  on conflict do nothing;

create temporary table analyses_before on commit drop as
  select session_id, user_id, method_version, result, finished_at from public.analyses where status = 'done';
drop table public.analyses;

create table public.analyses (
  session_id uuid primary key,
  user_id uuid not null,
  method_version text not null check (char_length(method_version) between 1 and 100),
  result jsonb not null check (jsonb_typeof(result) = 'object'),
  created_at timestamptz not null default now(),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade
);

insert into public.analyses (session_id, user_id, method_version, result, created_at)
  select session_id, user_id, coalesce(method_version, 'unknown'), result, finished_at from analyses_before;

alter table public.jobs enable row level security;
alter table public.jobs force row level security;
alter table public.analyses enable row level security;
alter table public.analyses force row level security;

drop policy if exists jobs_select on public.jobs;
create policy jobs_select on public.jobs for select to authenticated
  using ((select auth.uid()) = user_id);
-- What a learner's own session or wish may cause, once the session has ended.
drop policy if exists jobs_insert on public.jobs;
create policy jobs_insert on public.jobs for insert to authenticated
  with check ((select auth.uid()) = user_id and kind = 'analysis' and exists (
    select 1 from public.sessions s
    where s.id = session_id and s.user_id = (select auth.uid()) and s.status = 'ended'));
create policy analyses_select on public.analyses for select to authenticated
  using ((select auth.uid()) = user_id);

revoke all on public.jobs, public.analyses from public, anon, authenticated, service_role;
-- Not `error` and the lease: they name the inside of the house.
grant select (id, kind, session_id, user_id, status, progress, created_at, started_at, finished_at),
  insert (kind, session_id, user_id)
  on public.jobs to authenticated;
grant select on public.analyses to authenticated;
grant select on public.jobs, public.analyses to service_role;
grant insert (kind, session_id, user_id),
  update (status, progress, attempt, lease_owner, lease_until, run_after, error, started_at, finished_at)
  on public.jobs to service_role;
grant insert (session_id, user_id, method_version, result), update (method_version, result, created_at)
  on public.analyses to service_role;
