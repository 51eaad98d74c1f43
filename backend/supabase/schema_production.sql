-- SpeakMate AI: the whole database. PostgreSQL 15 to 17; runs as it stands in Supabase's SQL editor.
--
-- Row level security is the authorisation layer. The application logs in as a role of its own that has no
-- table rights, and becomes `authenticated` (with the learner's id in the claims) or `service_role` for the
-- length of one transaction. What `authenticated` may do here is also what a learner could do who went round
-- the application with their own token: write their own live session, never a result, a band or a finding.
--
-- Running the file again changes nothing. A later change is a file in migrations/ and an edit here; a test
-- proves that both lead to the same database.

-- Triggers write profiles and erase accounts with the rights of whoever runs this file.
do $$
begin
  if not (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) then
    raise exception 'run this file as a role that bypasses row level security (in Supabase: postgres), not as %',
      current_user;
  end if;
end
$$;

-- --- profiles ----------------------------------------------------------------------------------------------

create table if not exists public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  display_name text check (char_length(display_name) between 1 and 80),
  native_language text not null default 'uz' check (native_language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  interface_language text not null default 'en' check (interface_language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  target_band numeric(2, 1) check (target_band between 1 and 9 and target_band * 2 = trunc(target_band * 2)),
  exam_date date,
  time_zone text not null default 'Asia/Tashkent' check (char_length(time_zone) between 1 and 64),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create or replace function public.touch_updated_at() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.updated_at = now();
  return new;
end
$$;

drop trigger if exists profiles_touch on public.profiles;
create trigger profiles_touch before update on public.profiles
  for each row execute function public.touch_updated_at();

create or replace function public.create_profile() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id) values (new.id) on conflict (id) do nothing;
  return new;
end
$$;

-- `drop trigger` would need the table's owner, which in Supabase is not who runs this.
create or replace trigger users_create_profile after insert on auth.users
  for each row execute function public.create_profile();

alter table public.profiles add column if not exists scheduler text not null default 'sm2'
  check (scheduler in ('sm2', 'fsrs'));

insert into public.profiles (id) select id from auth.users on conflict (id) do nothing;

drop function if exists public.erase_user(uuid);

-- --- sessions ----------------------------------------------------------------------------------------------

create table if not exists public.sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  mode text not null check (mode in ('full', 'part1', 'part2', 'part3', 'quick', 'practice')),
  status text not null default 'created' check (status in ('created', 'live', 'ended')),
  clock text not null default 'standard' check (clock in ('standard', 'short')),
  plan jsonb not null check (jsonb_typeof(plan) = 'object'),
  snapshot jsonb check (jsonb_typeof(snapshot) = 'object'),
  epoch integer not null default 0 check (epoch >= 0),
  last_event_seq bigint not null default 0 check (last_event_seq >= 0),
  audio_ms integer not null default 0 check (audio_ms >= 0),
  summary jsonb check (jsonb_typeof(summary) = 'object'),
  end_reason text check (char_length(end_reason) <= 200),
  conditions jsonb not null default '{}' check (jsonb_typeof(conditions) = 'object'),
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  -- What hangs under a session names its owner too, so that no row can hang under somebody else's session.
  unique (id, user_id),
  check ((status = 'ended') = (ended_at is not null))
);

-- Which process holds a live session, until when, and whether another one asks for it, for which client.
alter table public.sessions
  add column if not exists lease_owner text check (char_length(lease_owner) between 1 and 200),
  add column if not exists lease_until timestamptz,
  add column if not exists handover_requested boolean not null default false,
  add column if not exists handover_client text check (char_length(handover_client) between 1 and 64);

-- When the recording was removed because it had been kept long enough; then `audio_ms` is 0.
alter table public.sessions add column if not exists audio_deleted_at timestamptz;

create index if not exists sessions_by_user on public.sessions (user_id, created_at desc, id desc);
create index if not exists sessions_live on public.sessions (lease_until) where status = 'live';
create index if not exists sessions_wanted on public.sessions (lease_owner) where handover_requested;

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

-- --- session_events: the durable events of the socket, append-only -----------------------------------------

create table if not exists public.session_events (
  session_id uuid not null,
  seq bigint not null check (seq > 0),
  user_id uuid not null,
  type text not null check (char_length(type) between 1 and 64),
  payload jsonb not null check (jsonb_typeof(payload) = 'object'),
  created_at timestamptz not null default now(),
  primary key (session_id, seq),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade
);

-- --- turns -------------------------------------------------------------------------------------------------

create table if not exists public.turns (
  id uuid primary key,
  session_id uuid not null,
  user_id uuid not null,
  idx integer not null check (idx >= 0),
  speaker text not null check (speaker in ('examiner', 'learner')),
  part smallint check (part between 1 and 3),
  kind text check (char_length(kind) between 1 and 64),
  question_id text check (char_length(question_id) between 1 and 128),
  frame_conformance text check (frame_conformance in ('verbatim', 'slot_filled', 'paraphrase', 'free')),
  text text not null check (char_length(text) <= 100000),
  start_ms integer not null check (start_ms >= 0),
  end_ms integer not null,
  words jsonb not null default '[]' check (jsonb_typeof(words) = 'array'),
  spans jsonb not null default '[]' check (jsonb_typeof(spans) = 'array'),
  analysis jsonb check (jsonb_typeof(analysis) = 'object'),
  created_at timestamptz not null default now(),
  untranscribed boolean not null default false,
  unique (session_id, idx),
  unique (id, session_id),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade,
  check (end_ms >= start_ms)
);

-- --- jobs: what is done after a session, of every kind; the row is the job -------------------------------

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

-- --- analyses: the result of a session ---------------------------------------------------------------------

create table if not exists public.analyses (
  session_id uuid primary key,
  user_id uuid not null,
  method_version text not null check (char_length(method_version) between 1 and 100),
  result jsonb not null check (jsonb_typeof(result) = 'object'),
  created_at timestamptz not null default now(),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade
);

-- --- findings ----------------------------------------------------------------------------------------------

create table if not exists public.findings (
  id text not null check (char_length(id) between 1 and 64),
  session_id uuid not null,
  turn_id uuid not null,
  user_id uuid not null,
  rule_id text not null check (char_length(rule_id) between 1 and 100),
  category text not null check (char_length(category) between 1 and 64),
  criterion text not null check (criterion in
    ('fluency_coherence', 'lexical_resource', 'grammatical_range_accuracy', 'pronunciation')),
  severity text not null check (severity in ('low', 'medium', 'high')),
  confidence double precision not null check (confidence between 0 and 1),
  source text not null check (source in ('rule', 'lm', 'llm', 'rule+llm')),
  char_start integer not null check (char_start >= 0),
  char_end integer not null,
  start_ms integer check (start_ms >= 0),
  end_ms integer,
  quote text not null check (char_length(quote) <= 20000),
  correction text not null check (char_length(correction) <= 20000),
  explanation text not null check (char_length(explanation) <= 4000),
  explanation_uz text check (char_length(explanation_uz) <= 4000),
  created_at timestamptz not null default now(),
  -- An id is made from the place a rule flags, so that a second analysis says the same about the same words.
  primary key (session_id, id),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade,
  foreign key (turn_id, session_id) references public.turns (id, session_id) on delete cascade,
  check (char_end >= char_start),
  check (end_ms >= start_ms),
  check ((start_ms is null) = (end_ms is null))
);

-- Which version of the rule it was; disputes count against that version.
alter table public.findings
  add column if not exists rule_version integer not null default 1 check (rule_version > 0);

create index if not exists findings_by_turn on public.findings (turn_id);
create index if not exists findings_by_user on public.findings (user_id, id);
create index if not exists findings_by_rule on public.findings (rule_id, rule_version, user_id);

-- --- finding_feedback: what learners say about findings ----------------------------------------------------

create table if not exists public.finding_feedback (
  session_id uuid not null,
  finding_id text not null check (char_length(finding_id) between 1 and 64),
  user_id uuid not null,
  rule_id text not null check (char_length(rule_id) between 1 and 100),
  rule_version integer not null check (rule_version > 0),
  method_version text check (char_length(method_version) between 1 and 100),
  verdict text not null check (verdict in ('wrong', 'right')),
  comment text check (char_length(comment) between 1 and 500),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- No reference to the finding itself: what was said about it outlives a second analysis.
  primary key (session_id, finding_id),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade
);

create index if not exists finding_feedback_by_rule on public.finding_feedback (rule_id, rule_version, user_id)
  where verdict = 'wrong';

drop trigger if exists finding_feedback_touch on public.finding_feedback;
create trigger finding_feedback_touch before update on public.finding_feedback
  for each row execute function public.touch_updated_at();

-- --- training: cards made from mistakes, the log of their reviews, the week's plan --------------------------

create table if not exists public.training_cards (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  target text not null check (char_length(target) between 1 and 100),
  kind text not null check (kind in ('rule', 'sound', 'skill')),
  criterion text not null check (criterion in
    ('fluency_coherence', 'lexical_resource', 'grammatical_range_accuracy', 'pronunciation')),
  status text not null default 'active' check (status in ('active', 'suspended')),
  material jsonb not null check (jsonb_typeof(material) = 'object'),
  memory jsonb not null check (jsonb_typeof(memory) = 'object'),
  -- The learner's day from which the card may be drilled; `memory` says when the scheduler wants it.
  due date not null,
  interval_days integer not null default 0 check (interval_days >= 0),
  reviews integer not null default 0 check (reviews >= 0),
  weight double precision not null default 1 check (weight >= 0),
  errors integer not null default 0 check (errors >= 0),
  relapses integer not null default 0 check (relapses >= 0),
  last_error_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, target),
  unique (id, user_id)
);

create index if not exists training_cards_due on public.training_cards (user_id, due, weight desc, id)
  where status = 'active';
create index if not exists training_cards_by_criterion
  on public.training_cards (user_id, criterion, due, weight desc, id) where status = 'active';

drop trigger if exists training_cards_touch on public.training_cards;
create trigger training_cards_touch before update on public.training_cards
  for each row execute function public.touch_updated_at();

create table if not exists public.training_reviews (
  user_id uuid not null,
  -- Chosen by the client, so that an answer sent twice is one.
  id uuid not null,
  card_id uuid not null,
  n integer not null check (n > 0),
  drill text not null check (char_length(drill) between 1 and 32),
  day date not null,
  grade smallint not null check (grade between 0 and 5),
  measured_grade smallint check (measured_grade between 0 and 5),
  predicted double precision check (predicted between 0 and 1),
  required integer not null default 0 check (required >= 0),
  correct integer not null default 0 check (correct >= 0),
  pace_ms integer check (pace_ms >= 0),
  outcome jsonb not null default '{}' check (jsonb_typeof(outcome) = 'object'),
  undone_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (user_id, id),
  unique (card_id, n),
  foreign key (card_id, user_id) references public.training_cards (id, user_id) on delete cascade,
  check (correct <= required)
);

create index if not exists training_reviews_by_day on public.training_reviews (user_id, day, card_id)
  include (grade, predicted) where undone_at is null;
create index if not exists training_reviews_pace on public.training_reviews (user_id, created_at desc)
  where undone_at is null and pace_ms is not null;

-- Which sessions have been made into cards.
create table if not exists public.training_sources (
  session_id uuid primary key,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade
);

create table if not exists public.training_plans (
  user_id uuid primary key references auth.users (id) on delete cascade,
  starts date not null,
  plan jsonb not null check (jsonb_typeof(plan) = 'object'),
  made_at timestamptz not null default now()
);

-- --- llm_calls: every call to a language model --------------------------------------------------------------

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

-- --- socket_tickets: each opens one session's socket once, within a minute ------------------------------------

create table if not exists public.socket_tickets (
  digest text primary key check (digest ~ '^[0-9a-f]{64}$'),
  session_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  foreign key (session_id, user_id) references public.sessions (id, user_id) on delete cascade
);

create index if not exists socket_tickets_by_age on public.socket_tickets (created_at);
create index if not exists socket_tickets_by_session on public.socket_tickets (session_id);

-- --- audit: who did what to which record, from where; append-only -------------------------------------------

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

-- --- erasure: receipts that name nobody --------------------------------------------------------------------

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

-- --- row level security ------------------------------------------------------------------------------------
-- `(select auth.uid())` is evaluated once a query, a bare auth.uid() once a row.

alter table public.profiles enable row level security;
alter table public.profiles force row level security;
alter table public.sessions enable row level security;
alter table public.sessions force row level security;
alter table public.session_events enable row level security;
alter table public.session_events force row level security;
alter table public.turns enable row level security;
alter table public.turns force row level security;
alter table public.jobs enable row level security;
alter table public.jobs force row level security;
alter table public.analyses enable row level security;
alter table public.analyses force row level security;
alter table public.findings enable row level security;
alter table public.findings force row level security;
alter table public.finding_feedback enable row level security;
alter table public.finding_feedback force row level security;
alter table public.training_cards enable row level security;
alter table public.training_cards force row level security;
alter table public.training_reviews enable row level security;
alter table public.training_reviews force row level security;
alter table public.training_sources enable row level security;
alter table public.training_sources force row level security;
alter table public.training_plans enable row level security;
alter table public.training_plans force row level security;
alter table public.llm_calls enable row level security;
alter table public.llm_calls force row level security;
alter table public.socket_tickets enable row level security;
alter table public.socket_tickets force row level security;
alter table public.erasure_receipts enable row level security;
alter table public.erasure_receipts force row level security;
alter table public.audit_heads enable row level security;
alter table public.audit_heads force row level security;
alter table public.audit_log enable row level security;
alter table public.audit_log force row level security;

drop policy if exists profiles_select on public.profiles;
create policy profiles_select on public.profiles for select to authenticated
  using ((select auth.uid()) = id);
drop policy if exists profiles_insert on public.profiles;
create policy profiles_insert on public.profiles for insert to authenticated
  with check ((select auth.uid()) = id);
drop policy if exists profiles_update on public.profiles;
create policy profiles_update on public.profiles for update to authenticated
  using ((select auth.uid()) = id) with check ((select auth.uid()) = id);

drop policy if exists sessions_select on public.sessions;
create policy sessions_select on public.sessions for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists sessions_insert on public.sessions;
create policy sessions_insert on public.sessions for insert to authenticated
  with check ((select auth.uid()) = user_id);
-- An ended session stays as it was: what is analysed is what was said.
drop policy if exists sessions_update on public.sessions;
create policy sessions_update on public.sessions for update to authenticated
  using ((select auth.uid()) = user_id and status <> 'ended') with check ((select auth.uid()) = user_id);

drop policy if exists session_events_select on public.session_events;
create policy session_events_select on public.session_events for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists session_events_insert on public.session_events;
create policy session_events_insert on public.session_events for insert to authenticated
  with check ((select auth.uid()) = user_id and exists (
    select 1 from public.sessions s
    where s.id = session_id and s.user_id = (select auth.uid()) and s.status = 'live'));

drop policy if exists turns_select on public.turns;
create policy turns_select on public.turns for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists turns_insert on public.turns;
create policy turns_insert on public.turns for insert to authenticated
  with check ((select auth.uid()) = user_id and exists (
    select 1 from public.sessions s
    where s.id = session_id and s.user_id = (select auth.uid()) and s.status = 'live'));
drop policy if exists turns_update on public.turns;
create policy turns_update on public.turns for update to authenticated
  using ((select auth.uid()) = user_id and exists (
    select 1 from public.sessions s
    where s.id = session_id and s.user_id = (select auth.uid()) and s.status = 'live'))
  with check ((select auth.uid()) = user_id);

drop policy if exists jobs_select on public.jobs;
create policy jobs_select on public.jobs for select to authenticated
  using ((select auth.uid()) = user_id);
-- What a learner's own session or wish may cause, once the session has ended.
drop policy if exists jobs_insert on public.jobs;
create policy jobs_insert on public.jobs for insert to authenticated
  with check ((select auth.uid()) = user_id and kind in ('analysis', 'pdf') and exists (
    select 1 from public.sessions s
    where s.id = session_id and s.user_id = (select auth.uid()) and s.status = 'ended'));

drop policy if exists analyses_select on public.analyses;
create policy analyses_select on public.analyses for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists findings_select on public.findings;
create policy findings_select on public.findings for select to authenticated
  using ((select auth.uid()) = user_id);

drop policy if exists finding_feedback_select on public.finding_feedback;
create policy finding_feedback_select on public.finding_feedback for select to authenticated
  using ((select auth.uid()) = user_id);
-- Only about a finding of one's own, and about the rule that raised it.
drop policy if exists finding_feedback_insert on public.finding_feedback;
create policy finding_feedback_insert on public.finding_feedback for insert to authenticated
  with check ((select auth.uid()) = user_id and exists (
    select 1 from public.findings f
    where f.session_id = finding_feedback.session_id and f.id = finding_feedback.finding_id
      and f.user_id = (select auth.uid()) and f.rule_id = finding_feedback.rule_id
      and f.rule_version = finding_feedback.rule_version));
drop policy if exists finding_feedback_update on public.finding_feedback;
create policy finding_feedback_update on public.finding_feedback for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);

drop policy if exists training_cards_select on public.training_cards;
create policy training_cards_select on public.training_cards for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists training_cards_insert on public.training_cards;
create policy training_cards_insert on public.training_cards for insert to authenticated
  with check ((select auth.uid()) = user_id);
drop policy if exists training_cards_update on public.training_cards;
create policy training_cards_update on public.training_cards for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);

drop policy if exists training_reviews_select on public.training_reviews;
create policy training_reviews_select on public.training_reviews for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists training_reviews_insert on public.training_reviews;
create policy training_reviews_insert on public.training_reviews for insert to authenticated
  with check ((select auth.uid()) = user_id);
-- What was answered stays; its grade may be overridden, and it may be undone.
drop policy if exists training_reviews_update on public.training_reviews;
create policy training_reviews_update on public.training_reviews for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);

drop policy if exists training_sources_select on public.training_sources;
create policy training_sources_select on public.training_sources for select to authenticated
  using ((select auth.uid()) = user_id);

drop policy if exists training_plans_select on public.training_plans;
create policy training_plans_select on public.training_plans for select to authenticated
  using ((select auth.uid()) = user_id);
drop policy if exists training_plans_insert on public.training_plans;
create policy training_plans_insert on public.training_plans for insert to authenticated
  with check ((select auth.uid()) = user_id);
drop policy if exists training_plans_update on public.training_plans;
create policy training_plans_update on public.training_plans for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);

-- A learner may see when something of theirs went to a model, and how much; the service writes.
drop policy if exists llm_calls_select on public.llm_calls;
create policy llm_calls_select on public.llm_calls for select to authenticated
  using ((select auth.uid()) = user_id);

-- Made as the learner, honoured by the service, read by nobody else.
drop policy if exists socket_tickets_insert on public.socket_tickets;
create policy socket_tickets_insert on public.socket_tickets for insert to authenticated
  with check ((select auth.uid()) = user_id);

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

drop policy if exists erasure_receipts_select on public.erasure_receipts;
create policy erasure_receipts_select on public.erasure_receipts for select to authenticated
  using (subject = encode(sha256(convert_to((select auth.uid())::text, 'UTF8')), 'hex'));

-- --- rights ------------------------------------------------------------------------------------------------
-- Supabase grants its API roles everything on a new table: take it back, then grant what is needed.

revoke all on public.profiles, public.sessions, public.session_events, public.turns, public.jobs,
  public.analyses, public.findings, public.finding_feedback from public, anon, authenticated, service_role;

grant usage on schema public to anon, authenticated, service_role;

grant select on public.profiles to authenticated;
grant insert (id), update (display_name, native_language, interface_language, target_band, exam_date, time_zone,
    scheduler)
  on public.profiles to authenticated;

grant select on public.sessions to authenticated;
grant insert (id, user_id, mode, clock, plan, conditions),
  update (status, snapshot, last_event_seq, audio_ms, summary, end_reason, conditions, ended_at, lease_owner,
    lease_until, handover_requested, handover_client)
  on public.sessions to authenticated;

grant select on public.session_events to authenticated;
grant insert (session_id, seq, user_id, type, payload) on public.session_events to authenticated;

grant select on public.turns to authenticated;
grant insert (id, session_id, user_id, idx, speaker, part, kind, question_id, frame_conformance, text, start_ms,
    end_ms, words, spans, analysis, untranscribed),
  update (speaker, part, kind, question_id, frame_conformance, text, start_ms, end_ms, words, spans, analysis,
    untranscribed)
  on public.turns to authenticated;

-- Not `error` and the lease: they name the inside of the house.
grant select (id, kind, session_id, user_id, status, progress, created_at, started_at, finished_at),
  insert (kind, session_id, user_id)
  on public.jobs to authenticated;

grant select on public.analyses to authenticated;

grant select on public.findings to authenticated;

grant select on public.finding_feedback to authenticated;
grant insert (session_id, finding_id, user_id, rule_id, rule_version, method_version, verdict, comment),
  update (verdict, comment)
  on public.finding_feedback to authenticated;

grant select on public.profiles, public.sessions, public.session_events, public.turns, public.jobs,
  public.analyses, public.findings, public.finding_feedback to service_role;
grant update (status, last_event_seq, audio_ms, audio_deleted_at, epoch, started_at, lease_owner, lease_until,
    handover_requested)
  on public.sessions to service_role;
grant insert (session_id, seq, user_id, type, payload) on public.session_events to service_role;
grant insert (kind, session_id, user_id),
  update (status, progress, attempt, lease_owner, lease_until, run_after, error, started_at, finished_at)
  on public.jobs to service_role;
grant insert (session_id, user_id, method_version, result), update (method_version, result, created_at)
  on public.analyses to service_role;
grant update (text, words, analysis, untranscribed) on public.turns to service_role;
grant insert, delete on public.findings to service_role;

revoke all on public.training_cards, public.training_reviews, public.training_sources, public.training_plans
  from public, anon, authenticated, service_role;

grant select on public.training_cards, public.training_reviews, public.training_sources, public.training_plans
  to authenticated, service_role;
grant insert (id, user_id, target, kind, criterion, status, material, memory, due, interval_days, reviews, weight,
    errors, relapses, last_error_at),
  update (status, material, memory, due, interval_days, reviews, weight, errors, relapses, last_error_at)
  on public.training_cards to authenticated, service_role;
grant insert (user_id, id, card_id, n, drill, day, grade, measured_grade, predicted, required, correct, pace_ms,
    outcome, undone_at)
  on public.training_reviews to authenticated, service_role;
grant update (grade, outcome, undone_at) on public.training_reviews to authenticated;
grant insert (session_id, user_id) on public.training_sources to service_role;
grant insert (user_id, starts, plan), update (starts, plan, made_at) on public.training_plans to authenticated;

revoke all on public.llm_calls from public, anon, authenticated, service_role;
-- Not what is reserved and how long it took: they say nothing about the learner.
grant select (id, session_id, user_id, prompt, prompt_version, outcome, provider, model, input_tokens,
    output_tokens, created_at, finished_at)
  on public.llm_calls to authenticated;
grant select on public.llm_calls to service_role;
grant insert (session_id, user_id, prompt, prompt_version, prompt_sha256, reserved_tokens),
  update (outcome, provider, model, input_tokens, output_tokens, latency_ms, finished_at)
  on public.llm_calls to service_role;

revoke all on public.socket_tickets from public, anon, authenticated, service_role;
grant insert (digest, session_id, user_id) on public.socket_tickets to authenticated;
grant select, delete on public.socket_tickets to service_role;

revoke all on public.audit_heads, public.audit_log from public, anon, authenticated, service_role;
grant select on public.audit_heads, public.audit_log to authenticated, service_role;
grant insert (user_id, action, record) on public.audit_log to authenticated;
revoke all on function public.audit_chain(), public.audit_refuse(), public.audit_inserts(),
  public.audit_changes(), public.prune_audit(integer)
  from public, anon, authenticated, service_role;
grant execute on function public.prune_audit(integer) to service_role;

revoke all on public.erasure_receipts from public, anon, authenticated, service_role;
grant select (id, subject, erased_at, finished_at, rows, files) on public.erasure_receipts to authenticated;
grant select on public.erasure_receipts to service_role;
grant update (finished_at, files, sessions_left) on public.erasure_receipts to service_role;
revoke all on function public.erase_account(uuid) from public, anon, authenticated, service_role;
grant execute on function public.erase_account(uuid) to service_role;

-- An identity column needs no rights on its sequence.
revoke all on all sequences in schema public from public, anon, authenticated, service_role;

revoke all on function public.touch_updated_at(), public.create_profile(), public.refuse_rewind()
  from public, anon, authenticated, service_role;
