-- Whose analyses began lately: workers look at it whenever they take a job.

create index if not exists analyses_started on public.analyses (started_at);
