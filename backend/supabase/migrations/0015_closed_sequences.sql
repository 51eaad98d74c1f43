-- Supabase hands its API roles every new sequence too. An identity column needs no rights on its sequence.
revoke all on all sequences in schema public from public, anon, authenticated, service_role;
