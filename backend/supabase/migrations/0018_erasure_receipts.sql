-- What an erased account gets: a receipt that names nobody, and files that are removed even if it is interrupted.
drop function if exists public.erase_user(uuid);

create table if not exists public.erasure_receipts (
  id uuid primary key default gen_random_uuid(),
  -- SHA-256 of the account's random id: whoever has a token of that account finds the receipt, nobody finds the
  -- account.
  subject text not null check (subject ~ '^[0-9a-f]{64}$'),
  erased_at timestamptz not null default now(),
  finished_at timestamptz,
  rows jsonb not null check (jsonb_typeof(rows) = 'object'),
  files integer not null default 0 check (files >= 0),
  sessions_left uuid[] not null default '{}',
  check ((finished_at is null) or sessions_left = '{}')
);

create index if not exists erasure_receipts_by_subject on public.erasure_receipts (subject, erased_at desc);
create index if not exists erasure_receipts_unfinished on public.erasure_receipts (erased_at)
  where finished_at is null;

-- Erasing an account means removing the row that everything else hangs from. service_role has no rights on
-- auth.users in Supabase, hence the function; its owner has. It returns the receipt, of an account that was erased
-- before the one that it was given then, and nothing for one that never was.
create or replace function public.erase_account(target uuid) returns setof public.erasure_receipts
  language plpgsql security definer set search_path = '' as $$
declare
  subject_of text := encode(sha256(convert_to(target::text, 'UTF8')), 'hex');
  counts jsonb := '{}';
  kind text;
  found_rows bigint;
begin
  perform from auth.users where id = target for update;
  if not found then
    return query select * from public.erasure_receipts
      where subject = subject_of order by erased_at desc limit 1;
    return;
  end if;
  for kind in
    select c.relname from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and a.attname = 'user_id' and not a.attisdropped
  loop
    execute format('select count(*) from public.%I where user_id = $1', kind) into found_rows using target;
    if found_rows > 0 then
      counts := counts || jsonb_build_object(kind, found_rows);
    end if;
  end loop;
  return query insert into public.erasure_receipts (subject, rows, sessions_left)
    values (subject_of, counts, array(select id from public.sessions where user_id = target)) returning *;
  delete from auth.users where id = target;
end
$$;

alter table public.erasure_receipts enable row level security;
alter table public.erasure_receipts force row level security;

drop policy if exists erasure_receipts_select on public.erasure_receipts;
create policy erasure_receipts_select on public.erasure_receipts for select to authenticated
  using (subject = encode(sha256(convert_to((select auth.uid())::text, 'UTF8')), 'hex'));

revoke all on public.erasure_receipts from public, anon, authenticated, service_role;
grant select (id, subject, erased_at, finished_at, rows, files) on public.erasure_receipts to authenticated;
grant select on public.erasure_receipts to service_role;
grant update (finished_at, files, sessions_left) on public.erasure_receipts to service_role;
revoke all on function public.erase_account(uuid) from public, anon, authenticated, service_role;
grant execute on function public.erase_account(uuid) to service_role;
