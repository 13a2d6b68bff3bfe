grant create on schema public to latchkey_system;

-- ---------------------------------------------------------------------------------------------
-- Invitations: found by the hash of their link's token; used once, by the person with this address.

create table invitations (
    org_id uuid not null references organizations,
    id uuid not null,
    email text not null check (email = lower(email) and length(email) <= 254),
    role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    hash bytea not null check (length(hash) = 32),
    invited_by uuid,
    invited_by_name text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid,
    revoked_at timestamptz,
    primary key (org_id, id),
    constraint invitations_accepted_by_somebody check ((accepted_at is null) = (accepted_by is null)),
    constraint invitations_end_once check (accepted_at is null or revoked_at is null)
);
create unique index invitations_by_hash on invitations (hash);
-- An address has one link at a time: a new one takes the place of the one before.
create unique index invitations_one_open on invitations (org_id, email)
    where accepted_at is null and revoked_at is null;

alter table invitations enable row level security;
alter table invitations force row level security;
create policy own_organization on invitations to latchkey_app
    using (org_id = current_org()) with check (org_id = current_org());
create policy second_door on invitations to latchkey_system using (true) with check (true);
grant select, insert, update on invitations to latchkey_app;
grant select, delete on invitations to latchkey_system;

-- ---------------------------------------------------------------------------------------------
-- An organization keeps an owner, whatever the server does. Of two owners who go at once, the second waits for the
-- first at the organization's row, and looks at what is left then.

create function keep_an_owner() returns trigger
language plpgsql
as $$
begin
    perform from organizations o where o.org_id = old.org_id for no key update;
    if not exists (select from memberships m where m.org_id = old.org_id and m.role = 'owner') then
        raise exception using
            errcode = 'integrity_constraint_violation',
            constraint = 'memberships_keep_an_owner',
            table = 'memberships',
            message = 'an organization keeps at least one owner';
    end if;
    return null;
end $$;

create constraint trigger memberships_keep_an_owner after delete or update of org_id, role
    on memberships for each row when (old.role = 'owner') execute function keep_an_owner();

-- When the person last turned to this organization: a session begins where the last one was.
alter table memberships add column entered_at timestamptz;

-- ---------------------------------------------------------------------------------------------
-- What the two doors need besides.

-- Who belongs to the organization that the transaction was opened for: people carry no organization, so their
-- addresses are out of the other door's reach. `live_tokens`: how many tokens of theirs work at that moment.
create function system_members(at timestamptz)
returns table (user_id uuid, email text, role text, joined_at timestamptz, live_tokens bigint)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select m.user_id, u.email, m.role, m.created_at,
           (select count(*) from tokens t
            where t.org_id = m.org_id and t.created_by = m.user_id and t.revoked_at is null
                and (t.expires_at is null or t.expires_at > at))
    from memberships m join users u on u.id = m.user_id
    where m.org_id = current_org()
    order by u.email;
end;

-- An invitation that can still be accepted, and whether somebody has its address already.
create function system_invitation_by_hash(wanted bytea, at timestamptz)
returns table (org_id uuid, organization text, id uuid, email text, role text, invited_by_name text,
               expires_at timestamptz, user_id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select i.org_id, o.name, i.id, i.email, i.role, i.invited_by_name, i.expires_at, u.id
    from invitations i
    join organizations o on o.org_id = i.org_id
    left join users u on u.email = i.email
    where i.hash = wanted and i.accepted_at is null and i.revoked_at is null and i.expires_at > at;
end;

-- As before, and the organization that the person turned to last comes first.
create or replace function system_memberships_of(wanted uuid)
returns table (org_id uuid, organization text, role text, email text, is_operator boolean)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select m.org_id, o.name, m.role, u.email, u.is_operator
    from memberships m
    join organizations o on o.org_id = m.org_id
    join users u on u.id = m.user_id
    where m.user_id = wanted
    order by m.entered_at desc nulls last, m.created_at, m.org_id;
end;

-- As before, and invitations three months after they ran out.
create or replace function system_forget_expired(at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    delete from idempotent_requests where created_at < at - interval '1 day';
    delete from sessions where least(expires_at, absolute_expires_at) < at - interval '1 day';
    delete from setup_links where expires_at < at;
    delete from invitations where expires_at < at - interval '90 days';
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
