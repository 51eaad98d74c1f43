-- A finding may come from a rule that cannot stand alone and a language model that confirms it.

alter table public.findings drop constraint if exists findings_source_check;
alter table public.findings add constraint findings_source_check
  check (source in ('rule', 'lm', 'llm', 'rule+llm'));
