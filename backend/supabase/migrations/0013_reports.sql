-- Learners may ask for the report of a session that has ended.

drop policy if exists jobs_insert on public.jobs;
create policy jobs_insert on public.jobs for insert to authenticated
  with check ((select auth.uid()) = user_id and kind in ('analysis', 'pdf') and exists (
    select 1 from public.sessions s
    where s.id = session_id and s.user_id = (select auth.uid()) and s.status = 'ended'));
