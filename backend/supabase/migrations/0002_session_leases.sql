-- Which process holds a live session, until when, and whether another one asks for it.

alter table public.sessions
  add column if not exists lease_owner text check (char_length(lease_owner) between 1 and 200),
  add column if not exists lease_until timestamptz,
  add column if not exists handover_requested boolean not null default false;

create index if not exists sessions_live on public.sessions (lease_until) where status = 'live';
create index if not exists sessions_wanted on public.sessions (lease_owner) where handover_requested;

grant update (lease_owner, lease_until, handover_requested) on public.sessions to authenticated;
