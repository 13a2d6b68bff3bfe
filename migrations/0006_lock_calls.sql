grant create on schema public to latchkey_system;

-- ---------------------------------------------------------------------------------------------
-- The panic switch: while a row is here, no call passes that it covers. Without a project it covers all of them,
-- without a provider every one.
create table call_locks (
    org_id uuid not null references organizations,
    id uuid not null,
    project_id uuid,
    provider text,
    reason text not null check (length(reason) <= 200),
    locked_by uuid,
    locked_by_name text not null,
    locked_at timestamptz not null,
    primary key (org_id, id),
    foreign key (org_id, project_id) references projects (org_id, id)
);
create unique index call_locks_one_of_each
    on call_locks (org_id, coalesce(project_id, org_id), coalesce(provider, ''));

alter table call_locks enable row level security;
alter table call_locks force row level security;
create policy own_organization on call_locks to latchkey_app
    using (org_id = current_org()) with check (org_id = current_org());
create policy second_door on call_locks for select to latchkey_system using (true);
grant select, insert, delete on call_locks to latchkey_app;
grant select on call_locks to latchkey_system;

create trigger call_locks_changed after insert or delete
    on call_locks for each row execute function notify_changed();

-- ---------------------------------------------------------------------------------------------
-- Resolution reads the locks, and a key that a call names.

-- The oldest lock that covers a project's calls to a provider.
create function lock_on_calls(of_org uuid, of_project uuid, to_provider text) returns uuid
language sql stable
begin atomic
    select l.id from call_locks l
    where l.org_id = of_org and (l.project_id is null or l.project_id = of_project)
      and (l.provider is null or l.provider = to_provider)
    order by l.locked_at, l.id limit 1;
end;

-- Whether a call means this key: the one with the id or the name that it says, else the default.
create function is_meant(id uuid, name text, is_default boolean, deleted_at timestamptz, named_id uuid, named text) returns boolean
language sql immutable
return case
    when named_id is not null then id = named_id and deleted_at is null
    when named is not null then lower(name) = lower(named) and deleted_at is null
    else is_default
end;

grant select (name) on provider_keys to latchkey_system;

drop function system_route_states(uuid[], text[]);
drop function route_state(uuid, text);
create function route_state(of_project uuid, of_provider text, named_id uuid, named text) returns text
language sql stable
begin atomic
    select row(p.slug, p.on_missing, p.on_failure, p.opens_all_paths, p.adds_stream_usage,
               o.allows_platform_keys, o.fee_per_call_micros, o.fee_basis_points,
               k.id, k.row_version, k.secret_version, k.is_active, k.health_reason, k.retry_at,
               lock_on_calls(p.org_id, p.id, of_provider))::text
    from projects p
    join organizations o on o.org_id = p.org_id
    left join provider_keys k
        on k.org_id = p.org_id and k.project_id = p.id and k.provider = of_provider
        and is_meant(k.id, k.name, k.is_default, k.deleted_at, named_id, named)
    where p.id = of_project;
end;

-- The states of these projects, providers and named keys, in their order.
create function system_route_states(projects uuid[], providers text[], named_ids uuid[], names text[])
returns table (place bigint, state text)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select w.place, route_state(w.project, w.provider, w.named_id, w.named)
    from unnest(projects, providers, named_ids, names) with ordinality as w (project, provider, named_id, named, place)
    order by w.place;
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
