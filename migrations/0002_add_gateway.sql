grant create on schema public to latchkey_system;

-- ---------------------------------------------------------------------------------------------
-- Whose key serves when a project's own does not; null means that nobody decided.
alter table projects
    add column on_missing text check (on_missing in ('platform', 'fail')),
    add column on_failure text check (on_failure in ('platform', 'fail')),
    add column opens_all_paths boolean not null default false,
    add column adds_stream_usage boolean not null default true;

-- `probe_at`: when the next probe in the background is due; `probe_attempts`: how many have failed in a row.
alter table provider_keys
    add column on_missing text check (on_missing in ('platform', 'fail')),
    add column on_failure text check (on_failure in ('platform', 'fail')),
    add column probe_at timestamptz,
    add column probe_attempts integer not null default 0;
create index provider_keys_by_probe on provider_keys (probe_at nulls first) where is_active and deleted_at is null;

-- The keys that exist are probed in the course of a day. Nobody's row-level policy covers this login, not even
-- as the owner of the table while security is forced.
alter table provider_keys no force row level security;
update provider_keys set probe_at = now() + random() * interval '1 day' where deleted_at is null;
alter table provider_keys force row level security;

-- What the operator charges for a call, apart from the provider's price: so much a call, and so many
-- hundredths of a percent of its cost.
alter table organizations
    add column fee_per_call_micros bigint not null default 0 check (fee_per_call_micros >= 0),
    add column fee_basis_points integer not null default 0 check (fee_basis_points between 0 and 100000);

drop trigger projects_changed on projects;
create trigger projects_changed after insert or delete
    or update of slug, on_missing, on_failure, opens_all_paths, adds_stream_usage
    on projects for each row execute function notify_changed();
drop trigger organizations_changed on organizations;
create trigger organizations_changed after insert or delete
    or update of allows_platform_keys, fee_per_call_micros, fee_basis_points
    on organizations for each row execute function notify_changed();

-- A probe that finds a key as it was tells nobody.
drop trigger provider_keys_changed on provider_keys;
create trigger provider_keys_changed after insert or delete
    on provider_keys for each row execute function notify_changed();
create trigger provider_keys_updated after update
    on provider_keys for each row
    when ((old.provider, old.is_default, old.is_active, old.sealed, old.endpoint, old.api_version, old.secret_version,
           old.row_version, old.health_reason, old.retry_at, old.deleted_at) is distinct from
          (new.provider, new.is_default, new.is_active, new.sealed, new.endpoint, new.api_version, new.secret_version,
           new.row_version, new.health_reason, new.retry_at, new.deleted_at))
    execute function notify_changed();

-- What the system itself does, without being asked, is in the audit trail too.
alter table audit_events drop constraint audit_events_actor_kind_check;
alter table audit_events add constraint audit_events_actor_kind_check
    check (actor_kind in ('user', 'token', 'command_line', 'system'));

-- ---------------------------------------------------------------------------------------------
-- What resolution read, as text to compare: an entry in a cache is confirmed when it is still the same.
-- Rows are written out, because concat_ws would leave nulls out and take one column's value for another's.
create function token_state(of_token uuid) returns text
language sql stable
begin atomic
    select row(t.org_id, t.scopes, t.project_id, t.expires_at, t.revoked_at, t.hash)::text
    from tokens t where t.id = of_token;
end;
create function route_state(of_project uuid, of_provider text) returns text
language sql stable
begin atomic
    select row(p.slug, p.on_missing, p.on_failure, p.opens_all_paths, p.adds_stream_usage,
               o.allows_platform_keys, o.fee_per_call_micros, o.fee_basis_points,
               k.id, k.row_version, k.secret_version, k.is_active, k.health_reason, k.retry_at)::text
    from projects p
    join organizations o on o.org_id = p.org_id
    left join provider_keys k
        on k.org_id = p.org_id and k.project_id = p.id and k.provider = of_provider and k.is_default
    where p.id = of_project;
end;

create index tokens_by_id on tokens (id);
create index projects_by_id on projects (id);

create policy second_door on projects for select to latchkey_system using (true);
create policy second_door on provider_keys for select to latchkey_system using (true);
create policy second_door_use on provider_keys for update to latchkey_system using (true) with check (true);
create policy second_door_use on tokens for update to latchkey_system using (true) with check (true);
create policy second_door on idempotent_requests to latchkey_system using (true) with check (true);
grant select on projects to latchkey_system;
-- Never the sealed secret.
grant select (org_id, project_id, id, provider, is_default, is_active, secret_version, row_version, health_reason,
              retry_at, probe_at, last_used_at, deleted_at) on provider_keys to latchkey_system;
grant update (last_used_at) on provider_keys, tokens to latchkey_system;
grant select, delete on idempotent_requests to latchkey_system;

-- As before, and with the state that an entry made from it is confirmed by.
drop function system_token_by_public_id(text);
create function system_token_by_public_id(wanted text)
returns table (org_id uuid, id uuid, hash bytea, name text, scopes text[], project_id uuid,
               expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz, state text)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select t.org_id, t.id, t.hash, t.name, t.scopes, t.project_id, t.expires_at, t.revoked_at, t.last_used_at,
           token_state(t.id)
    from tokens t where t.public_id = wanted;
end;

-- The states of these tokens, in their order; null for one that is gone.
create function system_token_states(wanted uuid[]) returns table (place bigint, state text)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select w.place, token_state(w.id) from unnest(wanted) with ordinality as w (id, place) order by w.place;
end;
-- The states of these pairs of project and provider, in their order.
create function system_route_states(projects uuid[], providers text[]) returns table (place bigint, state text)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select w.place, route_state(w.project, w.provider)
    from unnest(projects, providers) with ordinality as w (project, provider, place) order by w.place;
end;

-- ---------------------------------------------------------------------------------------------
-- Usage: no foreign key ties it to the rest, so that it may live on a server of its own.

create table usage_events (
    org_id uuid not null,
    occurred_at timestamptz not null,
    id uuid not null,
    recorded_at timestamptz not null,
    project_id uuid not null,
    token_id uuid not null,
    provider text not null,
    operation text not null,
    model_asked text,
    model_answered text,
    key_id uuid,
    key_version bigint,
    key_source text check (key_source in ('byok', 'platform')),
    fallback_reason text,
    status smallint not null,
    error_code text,
    streamed boolean not null,
    input_tokens bigint,
    output_tokens bigint,
    cached_input_tokens bigint,
    cache_write_tokens bigint,
    reasoning_tokens bigint,
    usage_source text not null check (usage_source in ('provider', 'estimated', 'missing')),
    cost_micros bigint,
    fee_micros bigint not null,
    prices_version text,
    latency_ms bigint not null,
    first_byte_ms bigint,
    request_bytes bigint not null,
    response_bytes bigint not null,
    session text,
    labels jsonb not null,
    primary key (org_id, occurred_at, id)
) partition by range (occurred_at);
create index usage_events_by_project on usage_events (org_id, project_id, occurred_at desc, id desc);
-- A stream is recorded when it ends: what is new to somebody who looks on is not what came in last.
create index usage_events_by_arrival on usage_events (org_id, project_id, recorded_at);
-- Events come nearly in the order of their time: a few bytes for each megabyte tell where an hour is.
create index usage_events_by_time on usage_events using brin (occurred_at) with (autosummarize = on);

create table usage_hours (
    org_id uuid not null,
    hour timestamptz not null,
    project_id uuid not null,
    token_id uuid not null,
    provider text not null,
    -- The model that answered, else the one that was asked for; empty where there was none.
    model text not null,
    -- `byok`, `platform`; `none` for calls that reached no provider.
    key_source text not null,
    calls bigint not null,
    -- With a status of 400 or above, or broken off behind a lower one.
    failed_calls bigint not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    cached_input_tokens bigint not null,
    reasoning_tokens bigint not null,
    cost_micros bigint not null,
    calls_without_cost bigint not null,
    fee_micros bigint not null,
    primary key (org_id, hour, project_id, token_id, provider, model, key_source)
);

do $$
declare
    tenant_table text;
begin
    foreach tenant_table in array array['usage_events', 'usage_hours'] loop
        execute format('alter table %I enable row level security', tenant_table);
        execute format('alter table %I force row level security', tenant_table);
        execute format(
            'create policy own_organization on %I for select to latchkey_app using (org_id = current_org())',
            tenant_table
        );
        execute format('create policy second_door on %I to latchkey_system using (true) with check (true)', tenant_table);
        execute format('grant select on %I to latchkey_app', tenant_table);
        execute format('grant select, insert, update, delete on %I to latchkey_system', tenant_table);
    end loop;
end $$;

-- The server makes partitions as it goes, so their schema and their parent belong to the role that does that.
create schema usage_partitions authorization latchkey_system;
alter table usage_events owner to latchkey_system;

-- Nobody reads a partition but through its parent, whose policies hold then. It is attached rather than created in
-- place, because that does not keep the writers of the other months waiting.
create function create_usage_partition(of_moment timestamptz) returns void
language plpgsql set search_path = pg_catalog, public set timezone = 'UTC'
as $$
declare
    month timestamptz := date_trunc('month', of_moment);
    name text := to_char(month, '"usage_events_"YYYY_MM');
begin
    if to_regclass('usage_partitions.' || name) is not null then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('latchkey usage partitions', 0));
    if to_regclass('usage_partitions.' || name) is not null then
        return;
    end if;
    execute format('create table usage_partitions.%I (like usage_events including all)', name);
    execute format('alter table usage_partitions.%I enable row level security', name);
    execute format('alter table usage_partitions.%I force row level security', name);
    execute format('alter table usage_events attach partition usage_partitions.%I for values from (%L) to (%L)',
                   name, month, month + interval '1 month');
end $$;
revoke all on function create_usage_partition from public;
alter function create_usage_partition owner to latchkey_system;

-- Last month's partition, this month's, and so many ahead.
create function system_create_usage_partitions(months_ahead integer) returns void
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    perform create_usage_partition(now() + make_interval(months => apart))
    from generate_series(-1, months_ahead) apart;
end $$;

-- Records events, given as an array of objects with the columns' names, and with them when tokens and keys were last
-- used. An event that is there already stays as it is. Tokens and keys are locked in one order by all writers, and
-- are left alone while they were used a moment ago.
create function system_add_usage_events(events jsonb) returns bigint
language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
    added bigint;
begin
    perform create_usage_partition(month) from (
        select distinct date_trunc('month', (event ->> 'occurred_at')::timestamptz, 'UTC') as month
        from jsonb_array_elements(events) event
    ) months;
    insert into usage_events
    select event.*
    from jsonb_array_elements(events) item,
         jsonb_populate_record(null::usage_events, item || jsonb_build_object('recorded_at', clock_timestamp())) event
    on conflict do nothing;
    get diagnostics added = row_count;

    with used as (
        select event.org_id, event.token_id as id, max(event.occurred_at) as at
        from jsonb_populate_recordset(null::usage_events, events) event group by 1, 2
    ), stale as (
        select token.org_id, token.id, used.at
        from tokens token join used on used.org_id = token.org_id and used.id = token.id
        where token.last_used_at is null or token.last_used_at < used.at - interval '10 seconds'
        order by token.org_id, token.id for no key update of token
    )
    update tokens token set last_used_at = stale.at
    from stale where token.org_id = stale.org_id and token.id = stale.id;

    with used as (
        select event.org_id, event.key_id as id, max(event.occurred_at) as at
        from jsonb_populate_recordset(null::usage_events, events) event
        where event.key_source = 'byok' group by 1, 2
    ), stale as (
        select key.org_id, key.id, used.at
        from provider_keys key join used on used.org_id = key.org_id and used.id = key.id
        where key.last_used_at is null or key.last_used_at < used.at - interval '10 seconds'
        order by key.org_id, key.id for no key update of key
    )
    update provider_keys key set last_used_at = stale.at
    from stale where key.org_id = stale.org_id and key.id = stale.id;
    return added;
end $$;

-- Computes the hours from `since` until `until` (whole hours, in UTC) anew. Two at once would do the same work twice
-- and meet in the index, so the second waits.
create function system_roll_up_usage(since timestamptz, until timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('latchkey usage roll-up', 0));
    insert into usage_hours as known
    select org_id, date_trunc('hour', occurred_at, 'UTC'), project_id, token_id, provider,
           coalesce(model_answered, model_asked, ''), coalesce(key_source, 'none'),
           count(*), count(*) filter (where status >= 400 or error_code is not null),
           coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0),
           coalesce(sum(cached_input_tokens), 0), coalesce(sum(reasoning_tokens), 0),
           coalesce(sum(cost_micros), 0), count(*) filter (where cost_micros is null and key_source is not null),
           sum(fee_micros)
    from usage_events
    where occurred_at >= date_trunc('hour', since, 'UTC') and occurred_at < until
    group by 1, 2, 3, 4, 5, 6, 7
    on conflict (org_id, hour, project_id, token_id, provider, model, key_source) do update set
        calls = excluded.calls,
        failed_calls = excluded.failed_calls,
        input_tokens = excluded.input_tokens,
        output_tokens = excluded.output_tokens,
        cached_input_tokens = excluded.cached_input_tokens,
        reasoning_tokens = excluded.reasoning_tokens,
        cost_micros = excluded.cost_micros,
        calls_without_cost = excluded.calls_without_cost,
        fee_micros = excluded.fee_micros
    where known is distinct from excluded;
end $$;

-- Forgets the hours from `since` until `until`, so that they can be computed from nothing.
create function system_forget_usage_hours(since timestamptz, until timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    delete from usage_hours where hour >= date_trunc('hour', since, 'UTC') and hour < until;
end;

-- ---------------------------------------------------------------------------------------------
-- What jobs look for across organizations: ids only.

create function system_keys_due_for_probe(at timestamptz, most bigint) returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select k.org_id, k.id from provider_keys k
    where k.is_active and k.deleted_at is null and (k.probe_at is null or k.probe_at <= at)
    order by k.probe_at nulls first limit most;
end;

-- Forgets what has run out.
create function system_forget_expired(at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    delete from idempotent_requests where created_at < at - interval '1 day';
    delete from sessions where least(expires_at, absolute_expires_at) < at - interval '1 day';
    delete from setup_links where expires_at < at;
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

select system_create_usage_partitions(3);
