"""What a database's catalogue says about the schema `public`."""

from typing import Any

import psycopg

TABLES = """
    select c.relname, c.relrowsecurity, c.relforcerowsecurity
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1
"""
POLICIES = """
    select tablename, policyname, cmd, roles::text[], coalesce(qual, ''), coalesce(with_check, '')
    from pg_policies where schemaname = 'public' order by 1, 2
"""
_DESCRIPTION = (
    TABLES,
    POLICIES,
    """
    select table_name, column_name, data_type, numeric_precision, numeric_scale, is_nullable, column_default
    from information_schema.columns where table_schema = 'public' order by 1, ordinal_position
    """,
    """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2
    """,
    "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public' order by 1, 2",
    """
    select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
    order by 1, 2
    """,
    """
    select proname, pg_get_functiondef(oid), proacl::text from pg_proc
    where pronamespace = 'public'::regnamespace order by 1
    """,
    "select relname, relacl::text from pg_class where relnamespace = 'public'::regnamespace order by 1",
    """
    select attrelid::regclass::text, attname, attacl::text from pg_attribute
    where attacl is not null
      and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
    order by 1, 2
    """,
)


def describe(connection: psycopg.Connection) -> list[list[tuple[Any, ...]]]:
    """Return everything the schema defines in `public`: equal for two databases that are the same."""
    return [connection.execute(query).fetchall() for query in _DESCRIPTION]


def security_problems(connection: psycopg.Connection) -> list[str]:
    """Return what is open that should not be, one line each.

    Every table has row level security that also binds its owner, and policies for learners only, each in the
    form that is evaluated once a query. Nobody but learners and the service has any right on it, and no
    function can be called by anyone but the service.
    """
    problems = []
    policies = connection.execute(POLICIES).fetchall()
    for table, enabled, forced in connection.execute(TABLES).fetchall():
        if not (enabled and forced):
            problems.append(f"{table}: row level security is not enabled and forced")
        if not any(policy[0] == table for policy in policies):
            problems.append(f"{table}: no policy")
        for role in ("anon", "public"):
            rights = connection.execute(
                """
                select privilege_type from information_schema.role_table_grants
                where table_schema = 'public' and table_name = %(table)s and lower(grantee) = %(role)s
                union select privilege_type from information_schema.column_privileges
                where table_schema = 'public' and table_name = %(table)s and lower(grantee) = %(role)s
                """,
                {"table": table, "role": role},
            ).fetchall()
            problems += [f"{table}: {role} may {right.lower()}" for (right,) in rights]
        row = connection.execute(
            """
            select has_table_privilege('authenticated', format('public.%%I', %s::text), 'delete, truncate')
            """,
            (table,),
        ).fetchone()
        if row and row[0]:
            problems.append(f"{table}: a learner may delete or truncate it")
    for table, name, _, roles, using, check in policies:
        if roles != ["authenticated"]:
            problems.append(f"{table}: policy {name} is for {', '.join(roles)}")
        for expression in (using, check):
            bare = expression.replace("( SELECT auth.uid() AS uid)", "")
            if "auth." in bare or (expression and bare == expression):
                problems.append(f"{table}: policy {name} does not say (select auth.uid())")
    problems += [
        f"function {name}: {role} may call it"
        for name, role in connection.execute(
            """
            select p.oid::regprocedure::text, r.rolname from pg_proc p, pg_roles r
            where p.pronamespace = 'public'::regnamespace and r.rolname in ('anon', 'authenticated')
              and has_function_privilege(r.oid, p.oid, 'execute')
            """
        ).fetchall()
    ]
    return problems
