-- Sessions that are no exam: questions on a topic, with feedback after each answer.

alter table public.sessions drop constraint if exists sessions_mode_check;
alter table public.sessions add constraint sessions_mode_check
  check (mode in ('full', 'part1', 'part2', 'part3', 'quick', 'practice'));
