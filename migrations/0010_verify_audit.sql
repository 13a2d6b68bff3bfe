grant create on schema public to latchkey_system;

-- ---------------------------------------------------------------------------------------------
-- A million events are looked through by what happened, by whom, to what and when.

create index audit_events_by_event on audit_events (org_id, event, sequence);
create index audit_events_by_actor on audit_events (org_id, actor_id, sequence);
create index audit_events_by_target on audit_events (org_id, target_id, sequence);
create index audit_events_by_time on audit_events (org_id, occurred_at);

-- ---------------------------------------------------------------------------------------------
-- Waits until nobody else appends to the organization's chain, and tells its end, in one round trip. The end is read by
-- a statement of its own behind the lock, whose snapshot therefore holds what was appended while this waited; a function
-- that is volatile and no `language sql` takes one for each statement. The lock's name is the one of the releases before.
--
-- Whoever holds the chain does not wait for the disk: its commit lets the next one go on at once, and it waits afterwards,
-- together with all others (see `OrgTx::commit`). A crash between the two loses the end of what nobody was told of yet,
-- never something in the middle, because the log is written in the order of the commits.
create function lock_audit_head(of_org uuid)
returns table (sequence bigint, mac bytea, occurred_at timestamptz)
language plpgsql volatile
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('latchkey audit ' || of_org, 0));
    perform set_config('synchronous_commit', 'off', true);
    return query
        select e.sequence, e.mac, e.occurred_at from audit_events e
        where e.org_id = of_org order by e.sequence desc limit 1;
end $$;

-- ---------------------------------------------------------------------------------------------
-- The second door: where each chain ends, which is written outside of the database, and who the people on it are.

grant select (org_id, sequence, mac, actor_id, target_kind, target_id) on audit_events to latchkey_system;
create policy second_door on audit_events for select to latchkey_system using (true);

-- Every organization with the end of its chain, in the order of their names; without an end where nothing happened yet.
create function system_audit_heads()
returns table (org_id uuid, name text, sequence bigint, mac bytea)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select o.org_id, o.name, head.sequence, head.mac
    from organizations o
    left join lateral (
        select e.sequence, e.mac from audit_events e
        where e.org_id = o.org_id order by e.sequence desc limit 1
    ) head on true
    order by lower(o.name);
end;

-- The addresses of those of these people whom the trail of the organization that the transaction was opened for tells
-- of, whether or not they still belong to it.
create function system_people_on_trail(wanted uuid[]) returns table (id uuid, email text)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select u.id, u.email from users u
    where u.id = any (wanted) and (
        exists (select from audit_events e where e.org_id = current_org() and e.actor_id = u.id)
        or exists (
            select from audit_events e
            where e.org_id = current_org() and e.target_kind = 'user' and e.target_id = u.id::text
        )
    );
end;

do $$
declare
    door regprocedure;
begin
    foreach door in array array['system_audit_heads', 'system_people_on_trail']::regproc[]::oid[]::regprocedure[] loop
        execute format('alter function %s owner to latchkey_system', door);
        execute format('revoke all on function %s from public', door);
        execute format('grant execute on function %s to latchkey_app', door);
    end loop;
end $$;
revoke create on schema public from latchkey_system;
