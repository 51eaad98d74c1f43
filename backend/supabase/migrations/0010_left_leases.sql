-- Letting go the sessions of a process that has died, whoever's they are.

grant update (epoch, lease_owner, lease_until, handover_requested) on public.sessions to service_role;
