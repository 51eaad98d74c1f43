-- Which client another process asks for the session for: told apart from a second one of the same learner.

alter table public.sessions add column if not exists handover_client text
  check (char_length(handover_client) between 1 and 64);

grant update (handover_client) on public.sessions to authenticated;
