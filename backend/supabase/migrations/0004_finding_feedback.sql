-- Which version of a rule raised a finding, and what learners say about findings.

alter table public.findings
  add column if not exists rule_version integer not null default 1 check (rule_version > 0);

create index if not exists findings_by_user on public.findings (user_id, id);
create index if not exists findings_by_rule on public.findings (rule_id, rule_version, user_id);

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

alter table public.finding_feedback enable row level security;
alter table public.finding_feedback force row level security;

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

revoke all on public.finding_feedback from public, anon, authenticated, service_role;
grant select on public.finding_feedback to authenticated;
grant insert (session_id, finding_id, user_id, rule_id, rule_version, method_version, verdict, comment),
  update (verdict, comment)
  on public.finding_feedback to authenticated;
grant select on public.finding_feedback to service_role;
