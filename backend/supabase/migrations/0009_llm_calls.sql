-- Every call to a language model: which prompt, on whose behalf, what it cost and how it ended.

create table if not exists public.llm_calls (
  id bigint generated always as identity primary key,
  session_id uuid not null,
  user_id uuid not null,
  prompt text not null check (char_length(prompt) between 1 and 64),
  prompt_version integer not null check (prompt_version > 0),
  prompt_sha256 text not null check (prompt_sha256 ~ '^[0-9a-f]{64}$'),
  outcome text check (char_length(outcome) between 1 and 32),
  provider text check (char_length(provider) between 1 and 64),
  model text check (char_length(model) between 1 and 200),
  reserved_tokens integer not null check (reserved_tokens >= 0),
  input_tokens integer check (input_tokens >= 0),
  output_tokens integer check (output_tokens >= 0),
  latency_ms integer check (latency_ms >= 0),
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  -- What nobody knows the cost of, and a call whose process ended before it, counts as what was reserved.
  spent_tokens integer generated always as (coalesce(input_tokens + output_tokens, reserved_tokens)) stored,
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade,
  check ((outcome is null) = (finished_at is null)),
  check ((input_tokens is null) = (output_tokens is null))
);

create index if not exists llm_calls_by_session on public.llm_calls (session_id) include (spent_tokens);
create index if not exists llm_calls_by_user on public.llm_calls (user_id, created_at) include (spent_tokens);

alter table public.llm_calls enable row level security;
alter table public.llm_calls force row level security;

-- A learner may see when something of theirs went to a model, and how much; the service writes.
drop policy if exists llm_calls_select on public.llm_calls;
create policy llm_calls_select on public.llm_calls for select to authenticated
  using ((select auth.uid()) = user_id);

revoke all on public.llm_calls from public, anon, authenticated, service_role;
grant select (id, session_id, user_id, prompt, prompt_version, outcome, provider, model, input_tokens,
    output_tokens, created_at, finished_at)
  on public.llm_calls to authenticated;
grant select on public.llm_calls to service_role;
grant insert (session_id, user_id, prompt, prompt_version, prompt_sha256, reserved_tokens),
  update (outcome, provider, model, input_tokens, output_tokens, latency_ms, finished_at)
  on public.llm_calls to service_role;
