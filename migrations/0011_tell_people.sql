grant create on schema public to latchkey_system;

-- ---------------------------------------------------------------------------------------------
-- What people are told of. A notification is one thing that happened, or many alike within a few minutes: what comes
-- before `closes_at` under the same kind and fold key joins it. A person has seen all that grew no later than `read_at`.
-- `announced`: how many items there were when it was last told outside of the dashboard.

create table notifications (
    org_id uuid not null references organizations,
    id uuid not null,
    kind text not null check (length(kind) between 1 and 40),
    fold_key text not null check (length(fold_key) <= 200),
    opened_at timestamptz not null,
    closes_at timestamptz not null,
    last_at timestamptz not null,
    announced bigint not null default 0,
    primary key (org_id, id),
    check (opened_at <= last_at and opened_at <= closes_at)
);
create index notifications_by_time on notifications (org_id, last_at desc, id desc);
create index notifications_open on notifications (org_id, kind, fold_key, closes_at);

-- The events of the audit trail that a notification tells of, as far as its words need them.
create table notification_items (
    org_id uuid not null,
    notification_id uuid not null,
    sequence bigint not null,
    event text not null,
    occurred_at timestamptz not null,
    project_id uuid,
    actor_id uuid,
    target_id text not null,
    details jsonb not null,
    primary key (org_id, notification_id, sequence),
    foreign key (org_id, notification_id) references notifications (org_id, id) on delete cascade
);

-- Up to when a person has seen them.
create table notification_reads (
    org_id uuid not null,
    user_id uuid not null,
    read_at timestamptz not null,
    primary key (org_id, user_id),
    foreign key (org_id, user_id) references memberships (org_id, user_id) on delete cascade
);

-- What a person chose, and what the organization chose for who chose nothing. No row: as the kind is by itself.
create table notification_choices (
    org_id uuid not null,
    user_id uuid not null,
    kind text not null,
    bell boolean not null,
    mail boolean not null,
    primary key (org_id, user_id, kind),
    foreign key (org_id, user_id) references memberships (org_id, user_id) on delete cascade
);
create table organization_notification_choices (
    org_id uuid not null references organizations,
    kind text not null,
    bell boolean not null,
    mail boolean not null,
    primary key (org_id, kind)
);

-- A mail to one person about one notification: `opening` when it began, `closing` with what joined it meanwhile. The row
-- keeps it from being written twice; its id is the mail's own on every try.
create table notification_mails (
    org_id uuid not null,
    id uuid not null,
    notification_id uuid not null,
    part text not null check (part in ('opening', 'closing')),
    user_id uuid not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, notification_id) references notifications (org_id, id) on delete cascade,
    unique (org_id, notification_id, part, user_id)
);

-- ---------------------------------------------------------------------------------------------
-- Addresses of the organization's own that are told. Secrets are sealed; the old one signs too until its time is over.

create table webhooks (
    org_id uuid not null references organizations,
    id uuid not null,
    url text not null check (length(url) <= 2000),
    description text not null check (length(description) <= 80),
    kinds text[] not null,
    is_active boolean not null default true,
    sealed_secret bytea not null,
    secret_version bigint not null default 1,
    sealed_old_secret bytea,
    old_secret_until timestamptz,
    created_by_name text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    row_version bigint not null default 1,
    primary key (org_id, id),
    constraint webhooks_old_secret_ends check ((sealed_old_secret is null) = (old_secret_until is null))
);
create unique index webhooks_one_of_each_address on webhooks (org_id, url);

create table webhook_deliveries (
    org_id uuid not null,
    id uuid not null,
    webhook_id uuid not null,
    message_id text not null,
    kind text not null,
    payload text not null,
    created_at timestamptz not null,
    status text not null check (status in ('waiting', 'delivered', 'given_up')),
    next_attempt_at timestamptz,
    last_attempt_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, webhook_id) references webhooks (org_id, id) on delete cascade,
    constraint webhook_deliveries_once unique (org_id, webhook_id, message_id),
    constraint webhook_deliveries_wait_for_a_try check ((status = 'waiting') = (next_attempt_at is not null))
);
create index webhook_deliveries_by_time on webhook_deliveries (org_id, webhook_id, created_at desc, id desc);

create table webhook_attempts (
    org_id uuid not null,
    delivery_id uuid not null,
    number int not null check (number > 0),
    at timestamptz not null,
    milliseconds int not null,
    status int,
    answer text not null,
    primary key (org_id, delivery_id, number),
    foreign key (org_id, delivery_id) references webhook_deliveries (org_id, id) on delete cascade
);

-- Since when a project's calls to a provider are served by the platform key because its own does not work: told once
-- an episode.
create table fallback_episodes (
    org_id uuid not null,
    project_id uuid not null,
    provider text not null,
    began_at timestamptz not null,
    last_at timestamptz not null,
    primary key (org_id, project_id, provider),
    foreign key (org_id, project_id) references projects (org_id, id)
);

-- The end that the token's people were told of, and when a key's people were told that nobody uses or probes it.
alter table tokens add column expiry_told_for timestamptz;
alter table provider_keys add column neglect_told_at timestamptz;

do $$
declare
    tenant_table text;
begin
    foreach tenant_table in array array[
        'notifications', 'notification_items', 'notification_reads', 'notification_choices',
        'organization_notification_choices', 'notification_mails', 'webhooks', 'webhook_deliveries', 'webhook_attempts',
        'fallback_episodes'
    ] loop
        execute format('alter table %I enable row level security', tenant_table);
        execute format('alter table %I force row level security', tenant_table);
        execute format(
            'create policy own_organization on %I to latchkey_app using (org_id = current_org()) with check (org_id = current_org())',
            tenant_table
        );
        execute format('grant select, insert, update, delete on %I to latchkey_app', tenant_table);
    end loop;
end $$;

-- ---------------------------------------------------------------------------------------------
-- What the second door needs: scans that answer ids, and forgetting.

create policy second_door on notifications to latchkey_system using (true) with check (true);
create policy second_door on webhook_deliveries to latchkey_system using (true) with check (true);
grant select, delete on notifications, webhook_deliveries to latchkey_system;
grant select (neglect_told_at, last_used_at, checked_at, created_at, is_active, deleted_at, org_id, id)
    on provider_keys to latchkey_system;

-- Tokens that end within a week, or within the last quarter of a shorter life, and whose people were not told of that end.
create function system_tokens_expiring(at timestamptz, most bigint) returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select t.org_id, t.id from tokens t
    where t.revoked_at is null and t.superseded_by is null and t.expires_at > at
      and t.expires_at <= at + least(interval '7 days', (t.expires_at - t.created_at) / 4)
      and t.expiry_told_for is distinct from t.expires_at
    order by t.expires_at limit most;
end;

-- Keys that are switched on and that no call used since `unused_since`, or no probe reached since `unprobed_since`, and
-- whose people were not told of it since then.
create function system_keys_neglected(unused_since timestamptz, unprobed_since timestamptz, most bigint)
returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select k.org_id, k.id from provider_keys k
    where k.is_active and k.deleted_at is null
      and (coalesce(k.last_used_at, k.created_at) < unused_since
           or coalesce(k.checked_at, k.created_at) < unprobed_since)
      and coalesce(k.neglect_told_at < unused_since, true)
    order by k.org_id, k.id limit most;
end;

create function system_forget_told(notifications_before timestamptz, deliveries_before timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    delete from notifications where last_at < notifications_before;
    delete from webhook_deliveries where created_at < deliveries_before and status <> 'waiting';
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
