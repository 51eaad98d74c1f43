-- Which answers, or parts of them, were not understood at the time: their sound is read again later.

alter table public.turns add column if not exists untranscribed boolean not null default false;

grant insert (untranscribed), update (untranscribed) on public.turns to authenticated;
grant update (text, words, analysis, untranscribed) on public.turns to service_role;
