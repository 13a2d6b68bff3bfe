grant create on schema public to latchkey_system;

-- ---------------------------------------------------------------------------------------------
-- Several keys for a provider in a project, one of them the default.
--   position            the place among them, for people
--   fingerprint         tells that two secrets of an organization are the same, and nothing else of them; null for a
--                       secret that was stored before there were any and has not been opened since
--   retires_at          when a key that was rotated out goes, unless it takes over again before
--   superseded_by       the key that it was rotated out by
--   name_before         the name that it gave up to that one
--   rotation_undone_at  when its predecessor took over again, because the provider refused this one
--   purged_at           when its secret was erased; what is left tells the audit trail and usage what there was
alter table provider_keys
    add column position integer not null default 0,
    add column fingerprint bytea,
    add column retires_at timestamptz,
    add column superseded_by uuid,
    add column name_before text,
    add column rotation_undone_at timestamptz,
    add column purged_at timestamptz,
    alter column sealed drop not null;

-- The keys that exist. Nobody's row-level policy covers this login, not even as the owner of the table while security
-- is forced.
alter table provider_keys no force row level security;
update provider_keys k set position = numbered.place
from (
    select org_id, id, row_number() over (partition by org_id, project_id, provider order by created_at, id) as place
    from provider_keys
) numbered
where numbered.org_id = k.org_id and numbered.id = k.id;
-- Nothing forbade two keys of one name so far. The default keeps it, else the oldest; the others end on a piece of
-- their id besides.
update provider_keys k set name = left(k.name, 66) || ' (' || right(k.id::text, 12) || ')', row_version = k.row_version + 1
from (
    select org_id, id, row_number() over (
        partition by org_id, project_id, provider, lower(name) order by is_default desc, created_at, id
    ) as place
    from provider_keys where deleted_at is null and name <> ''
) named
where named.org_id = k.org_id and named.id = k.id and named.place > 1;
alter table provider_keys force row level security;

create unique index provider_keys_name_is_free
    on provider_keys (org_id, project_id, provider, lower(name)) where deleted_at is null and name <> '';
alter table provider_keys
    add constraint provider_keys_fingerprint_is_whole check (length(fingerprint) = 32),
    add constraint provider_keys_name_before_is_a_name check (length(name_before) <= 80),
    add constraint provider_keys_default_never_retires check (retires_at is null or not is_default),
    add constraint provider_keys_superseded_retires check (superseded_by is null or retires_at is not null),
    add constraint provider_keys_not_its_own_successor check (superseded_by <> id),
    add constraint provider_keys_of_a_provider unique (org_id, project_id, provider, id),
    add constraint provider_keys_successor_is_a_sibling foreign key (org_id, project_id, provider, superseded_by)
        references provider_keys (org_id, project_id, provider, id) deferrable initially deferred,
    add constraint provider_keys_sealed_until_purged check ((sealed is null) = (purged_at is not null)),
    add constraint provider_keys_purged_is_empty check (
        purged_at is null or (deleted_at is not null and redacted = '' and fingerprint is null and health_message is null)
    );
create index provider_keys_by_fingerprint on provider_keys (org_id, fingerprint) where deleted_at is null;
create index provider_keys_by_successor on provider_keys (org_id, superseded_by) where superseded_by is not null;
create index provider_keys_by_retirement on provider_keys (retires_at) where retires_at is not null and deleted_at is null;
create index provider_keys_by_deletion on provider_keys (deleted_at) where deleted_at is not null and purged_at is null;

-- Not even the server removes a row: what was purged stays as an empty one.
revoke delete on provider_keys from latchkey_app;

-- ---------------------------------------------------------------------------------------------
-- What jobs look for across organizations: ids only.

grant select (retires_at, purged_at) on provider_keys to latchkey_system;

create function system_keys_due_to_retire(at timestamptz, most bigint) returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select k.org_id, k.id from provider_keys k
    where k.retires_at <= at and k.deleted_at is null
    order by k.retires_at limit most;
end;

-- Erasing cannot be undone, so the time must be up by the asker's clock and by the database's.
create function system_keys_due_for_purge(at timestamptz, retention interval, most bigint) returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select k.org_id, k.id from provider_keys k
    where k.deleted_at <= least(at, now()) - retention and k.purged_at is null
    order by k.deleted_at limit most;
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
