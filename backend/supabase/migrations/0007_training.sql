-- Training: cards made from mistakes, the log of their reviews, and the week's plan.

alter table public.profiles add column if not exists scheduler text not null default 'sm2'
  check (scheduler in ('sm2', 'fsrs'));

grant update (scheduler) on public.profiles to authenticated;

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

alter table public.training_cards enable row level security;
alter table public.training_cards force row level security;
alter table public.training_reviews enable row level security;
alter table public.training_reviews force row level security;
alter table public.training_sources enable row level security;
alter table public.training_sources force row level security;
alter table public.training_plans enable row level security;
alter table public.training_plans force row level security;

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
