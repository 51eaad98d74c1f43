-- Tickets that open one session's socket once, within a minute.
create table if not exists public.socket_tickets (
  digest text primary key check (digest ~ '^[0-9a-f]{64}$'),
  session_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade
);

create index if not exists socket_tickets_by_age on public.socket_tickets (created_at);
create index if not exists socket_tickets_by_session on public.socket_tickets (session_id);

alter table public.socket_tickets enable row level security;
alter table public.socket_tickets force row level security;

drop policy if exists socket_tickets_insert on public.socket_tickets;
create policy socket_tickets_insert on public.socket_tickets for insert to authenticated
  with check ((select auth.uid()) = user_id);

revoke all on public.socket_tickets from public, anon, authenticated, service_role;
grant insert (digest, session_id, user_id) on public.socket_tickets to authenticated;
grant select, delete on public.socket_tickets to service_role;
