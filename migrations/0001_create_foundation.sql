-- Two roles, neither of which logs in:
--   latchkey_app     the server works as this one; row-level security binds it to one organization
--   latchkey_system  owns the functions below, the closed list of look-ups across organizations
-- Roles belong to the whole server, so several databases may race to create them.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['latchkey_app', 'latchkey_system'] loop
        begin
            if not exists (select from pg_roles where rolname = wanted) then
                execute format('create role %I nologin nosuperuser nobypassrls nocreatedb nocreaterole', wanted);
            end if;
        exception when duplicate_object or unique_violation then
            null;
        end;
        if not (select rolsuper from pg_roles where rolname = current_user) then
            execute format('grant %I to current_user', wanted);
        end if;
    end loop;
end $$;

grant usage on schema public to latchkey_app;
grant usage, create on schema public to latchkey_system;

-- The organization that the transaction was opened for; nothing matches outside of one.
create function current_org() returns uuid
language sql stable
return nullif(current_setting('latchkey.org_id', true), '')::uuid;

-- ---------------------------------------------------------------------------------------------
-- Without an organization: reached through the system functions only.

create table users (
    id uuid primary key,
    email text not null check (email = lower(email) and length(email) <= 254),
    password_hash text not null,
    is_operator boolean not null default false,
    created_at timestamptz not null,
    unique (email)
);

create table sessions (
    id_hash bytea primary key check (length(id_hash) = 32),
    data jsonb not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    absolute_expires_at timestamptz not null
);
create index sessions_by_expiry on sessions (expires_at);

create table setup_links (
    hash bytea primary key check (length(hash) = 32),
    expires_at timestamptz not null
);

create table deployment_secrets (
    purpose text primary key,
    sealed bytea not null,
    created_at timestamptz not null default now()
);

-- ---------------------------------------------------------------------------------------------
-- Tenant tables: org_id everywhere, composite keys and foreign keys, row-level security forced.

create table organizations (
    org_id uuid primary key,
    name text not null check (length(name) between 1 and 80),
    allows_platform_keys boolean not null default false,
    created_at timestamptz not null
);
create unique index organizations_by_name on organizations (lower(name));

create table memberships (
    org_id uuid not null references organizations,
    user_id uuid not null references users (id),
    role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    created_at timestamptz not null,
    primary key (org_id, user_id)
);
create index memberships_by_user on memberships (user_id);

create table projects (
    org_id uuid not null references organizations,
    id uuid not null,
    slug text not null,
    name text not null check (length(name) between 1 and 80),
    row_version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, id),
    constraint projects_slug_is_free unique (org_id, slug)
);

create table provider_keys (
    org_id uuid not null,
    project_id uuid not null,
    id uuid not null,
    provider text not null,
    name text not null default '' check (length(name) <= 80),
    is_default boolean not null,
    is_active boolean not null,
    sealed bytea not null,
    redacted text not null,
    endpoint text not null,
    api_version text,
    secret_version bigint not null default 1,
    row_version bigint not null default 1,
    health_reason text check (
        health_reason in ('invalid', 'blocked', 'exhausted', 'restricted', 'rate_limited', 'unreachable')
    ),
    health_message text,
    checked_at timestamptz,
    retry_at timestamptz,
    last_used_at timestamptz,
    added_by uuid,
    added_by_name text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, project_id) references projects (org_id, id),
    constraint provider_keys_reason_has_message check ((health_reason is null) = (health_message is null)),
    constraint provider_keys_deleted_is_out_of_use check (deleted_at is null or not (is_default or is_active))
);
create unique index provider_keys_one_default
    on provider_keys (org_id, project_id, provider) where is_default;
create index provider_keys_by_project on provider_keys (org_id, project_id, provider, created_at);

create table tokens (
    org_id uuid not null references organizations,
    id uuid not null,
    public_id text not null,
    hash bytea not null check (length(hash) = 32),
    name text not null check (length(name) <= 80),
    scopes text[] not null check (cardinality(scopes) > 0),
    project_id uuid,
    created_by uuid,
    created_by_name text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, project_id) references projects (org_id, id)
);
create unique index tokens_by_public_id on tokens (public_id);

create table audit_events (
    org_id uuid not null references organizations,
    sequence bigint not null check (sequence > 0),
    id uuid not null,
    occurred_at timestamptz not null,
    event text not null,
    actor_kind text not null check (actor_kind in ('user', 'token', 'command_line')),
    actor_id uuid,
    client_address text,
    request_id uuid not null,
    target_kind text not null,
    target_id text not null,
    details jsonb not null,
    previous_mac bytea not null check (length(previous_mac) = 32),
    mac bytea not null check (length(mac) = 32),
    primary key (org_id, sequence)
);

create table idempotent_requests (
    org_id uuid not null references organizations,
    actor text not null,
    key text not null check (length(key) between 1 and 255),
    request_mac bytea not null check (length(request_mac) = 32),
    status smallint,
    sealed_reply bytea,
    created_at timestamptz not null,
    primary key (org_id, actor, key)
);
create index idempotent_requests_by_age on idempotent_requests (created_at);

do $$
declare
    tenant_table text;
begin
    foreach tenant_table in array array[
        'organizations', 'memberships', 'projects', 'provider_keys', 'tokens', 'audit_events', 'idempotent_requests'
    ] loop
        execute format('alter table %I enable row level security', tenant_table);
        execute format('alter table %I force row level security', tenant_table);
        execute format(
            'create policy own_organization on %I to latchkey_app using (org_id = current_org()) with check (org_id = current_org())',
            tenant_table
        );
    end loop;
end $$;

grant select, update on organizations to latchkey_app;
grant select, insert, update, delete on memberships, projects, provider_keys, tokens to latchkey_app;
grant select, insert, update, delete on idempotent_requests to latchkey_app;
grant select, insert on audit_events to latchkey_app;
grant select, insert on deployment_secrets to latchkey_app;

-- ---------------------------------------------------------------------------------------------
-- The second door: look-ups that cannot know their organization yet.

grant select, insert on users, organizations, memberships to latchkey_system;
grant select on tokens to latchkey_system;
grant select, insert, update, delete on sessions, setup_links to latchkey_system;

create policy second_door on organizations to latchkey_system using (true) with check (true);
create policy second_door on memberships to latchkey_system using (true) with check (true);
create policy second_door on tokens for select to latchkey_system using (true);

create function system_token_by_public_id(wanted text)
returns table (org_id uuid, id uuid, hash bytea, name text, scopes text[], project_id uuid,
               expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select t.org_id, t.id, t.hash, t.name, t.scopes, t.project_id, t.expires_at, t.revoked_at, t.last_used_at
    from tokens t where t.public_id = wanted;
end;

create function system_user_by_email(wanted text)
returns table (id uuid, password_hash text)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select u.id, u.password_hash from users u where u.email = lower(wanted);
end;

create function system_memberships_of(wanted uuid)
returns table (org_id uuid, organization text, role text, email text, is_operator boolean)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select m.org_id, o.name, m.role, u.email, u.is_operator
    from memberships m
    join organizations o on o.org_id = m.org_id
    join users u on u.id = m.user_id
    where m.user_id = wanted
    order by m.created_at, m.org_id;
end;

create function system_organization_by_name(wanted text) returns table (org_id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select o.org_id from organizations o where lower(o.name) = lower(wanted);
end;

create function system_has_users() returns boolean
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select exists (select from users);
end;

create function system_create_organization(new_id uuid, new_name text, allow_platform boolean, at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    insert into organizations (org_id, name, allows_platform_keys, created_at) values (new_id, new_name, allow_platform, at);
end;

create function system_create_user(
    new_id uuid, new_email text, new_hash text, operator boolean, in_org uuid, with_role text, at timestamptz
) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    insert into users (id, email, password_hash, is_operator, created_at)
    values (new_id, lower(new_email), new_hash, operator, at);
    insert into memberships (org_id, user_id, role, created_at) values (in_org, new_id, with_role, at);
end;

create function system_add_setup_link(new_hash bytea, until timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    delete from setup_links where expires_at < now();
    insert into setup_links (hash, expires_at) values (new_hash, until);
end;

create function system_setup_link_is_valid(wanted bytea, at timestamptz) returns boolean
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select not exists (select from users)
        and exists (select from setup_links where hash = wanted and expires_at > at);
end;

-- One winner: of two who use set-up links at once, the second finds a user.
create function system_take_setup_link(wanted bytea, at timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('latchkey set-up', 0));
    if exists (select from users) then
        return false;
    end if;
    delete from setup_links where hash = wanted and expires_at > at;
    return found;
end $$;

create function system_session_by_hash(wanted bytea)
returns table (data jsonb, expires_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select s.data, s.expires_at from sessions s
    where s.id_hash = wanted and s.expires_at > now() and s.absolute_expires_at > now();
end;

-- An absolute end is set once, when the session is made; later saves move only the idle one.
create function system_session_save(of_hash bytea, new_data jsonb, until timestamptz, absolute_until timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    insert into sessions (id_hash, data, expires_at, absolute_expires_at)
    values (of_hash, new_data, until, absolute_until)
    on conflict (id_hash) do update set data = excluded.data, expires_at = excluded.expires_at;
end;

create function system_session_delete(of_hash bytea) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    delete from sessions where id_hash = of_hash;
    delete from sessions where expires_at < now() - interval '1 day';
end;

do $$
declare
    door regprocedure;
begin
    for door in select oid::regprocedure from pg_proc where proname like 'system\_%' and pronamespace = 'public'::regnamespace loop
        execute format('alter function %s owner to latchkey_system', door);
        execute format('revoke all on function %s from public', door);
        execute format('grant execute on function %s to latchkey_app', door);
    end loop;
end $$;
revoke create on schema public from latchkey_system;

-- ---------------------------------------------------------------------------------------------
-- What resolution reads is told to every instance at once, in ids only.

create function notify_changed() returns trigger
language plpgsql
as $$
declare
    changed jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
    perform pg_notify('latchkey_changed', jsonb_build_object(
        'table', tg_table_name,
        'org_id', changed -> 'org_id',
        'project_id', changed -> 'project_id',
        'id', coalesce(changed -> 'id', changed -> 'user_id')
    )::text);
    return null;
end $$;

create trigger provider_keys_changed after insert or delete
    or update of provider, is_default, is_active, sealed, endpoint, api_version, secret_version, row_version, health_reason, retry_at, deleted_at
    on provider_keys for each row execute function notify_changed();
create trigger tokens_changed after insert or delete
    or update of hash, scopes, project_id, expires_at, revoked_at
    on tokens for each row execute function notify_changed();
create trigger projects_changed after insert or delete or update of slug
    on projects for each row execute function notify_changed();
create trigger organizations_changed after insert or delete or update of allows_platform_keys
    on organizations for each row execute function notify_changed();
create trigger memberships_changed after insert or delete or update of role
    on memberships for each row execute function notify_changed();

-- `/readyz` compares what was applied with what the program knows.
do $$
begin
    if to_regclass('public._sqlx_migrations') is not null then
        grant select on _sqlx_migrations to latchkey_app;
    end if;
end $$;
