grant create on schema public to latchkey_system;

-- ---------------------------------------------------------------------------------------------
-- What a person signs in with. Its version goes up with every change of it; a session that began under an older one is
-- no session any more, even one that was being made at that moment.
alter table users add column credentials_version bigint not null default 1;

-- `id` names a session to its own person; the secret by which it is found stays hashed. Without a person, nobody has
-- signed in yet.
alter table sessions
    add column id uuid not null default gen_random_uuid(),
    add column user_id uuid references users (id),
    add column credentials_version bigint,
    add column device text not null default '' check (length(device) <= 80),
    add column client_address text,
    add column last_used_at timestamptz not null default now(),
    add constraint sessions_person_has_version check ((user_id is null) = (credentials_version is null));
create unique index sessions_by_id on sessions (id);
create index sessions_by_user on sessions (user_id) where user_id is not null;

update sessions s set user_id = u.id, credentials_version = u.credentials_version
from users u where u.id::text = s.data ->> 'user';
update sessions set data = data || '{"credentials_version": 1}' where user_id is not null;

-- `last_step`: the newest 30-second step whose code was accepted; it and those before it are spent. `tries`: codes
-- that were tried since the last right one; after too many none is looked at until `refused_until`.
create table second_factors (
    user_id uuid primary key references users (id),
    sealed bytea not null,
    created_at timestamptz not null,
    confirmed_at timestamptz,
    last_step bigint not null default 0,
    tries integer not null default 0,
    refused_until timestamptz
);

create table recovery_codes (
    user_id uuid not null references second_factors (user_id) on delete cascade,
    hash bytea not null check (length(hash) = 32),
    used_at timestamptz,
    primary key (user_id, hash)
);

create table password_resets (
    hash bytea primary key check (length(hash) = 32),
    user_id uuid not null references users (id),
    expires_at timestamptz not null
);
create index password_resets_by_user on password_resets (user_id);

-- ---------------------------------------------------------------------------------------------
-- Nobody's row-level policy covers these tables: they are reached through the system functions only.

grant update (password_hash, credentials_version) on users to latchkey_system;
grant select, insert, update, delete on second_factors, recovery_codes, password_resets to latchkey_system;

drop function system_user_by_email(text);
create function system_user_by_email(wanted text)
returns table (id uuid, email text, password_hash text, credentials_version bigint, has_second_factor boolean)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select u.id, u.email, u.password_hash, u.credentials_version,
           exists (select from second_factors f where f.user_id = u.id and f.confirmed_at is not null)
    from users u where u.email = lower(wanted);
end;

create function system_user_by_id(wanted uuid)
returns table (id uuid, email text, password_hash text, credentials_version bigint, has_second_factor boolean)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select u.id, u.email, u.password_hash, u.credentials_version,
           exists (select from second_factors f where f.user_id = u.id and f.confirmed_at is not null)
    from users u where u.id = wanted;
end;

-- Sets a password in place of the one that was read; of two who do so at once, one wins.
create function system_set_password(of_user uuid, old_hash text, new_hash text) returns boolean
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    update users set password_hash = new_hash where id = of_user and password_hash = old_hash;
    return found;
end $$;

-- Ends every session and every open link of a person, and those that are being made.
create function system_renew_credentials(of_user uuid) returns bigint
language sql security definer set search_path = pg_catalog, public
begin atomic
    update users set credentials_version = credentials_version + 1 where id = of_user;
    delete from sessions where user_id = of_user;
    delete from password_resets where user_id = of_user;
    select credentials_version from users where id = of_user;
end;

-- ---------------------------------------------------------------------------------------------
-- Sessions.

drop function system_session_by_hash(bytea);
create function system_session_by_hash(wanted bytea)
returns table (data jsonb, expires_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select s.data, s.expires_at from sessions s
    where s.id_hash = wanted and s.expires_at > now() and s.absolute_expires_at > now()
        and (s.user_id is null or exists (
            select from users u where u.id = s.user_id and u.credentials_version = s.credentials_version
        ));
end;

create function system_session_create(
    of_hash bytea, new_data jsonb, until timestamptz, began_at timestamptz, absolute_until timestamptz,
    of_user uuid, of_version bigint, with_device text, from_address text
) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    insert into sessions (id_hash, data, created_at, expires_at, absolute_expires_at,
                          user_id, credentials_version, device, client_address)
    values (of_hash, new_data, began_at, until, absolute_until, of_user, of_version, with_device, from_address);
end;

-- Never makes a session: one that was ended meanwhile stays ended.
drop function system_session_save(bytea, jsonb, timestamptz, timestamptz);
create function system_session_update(of_hash bytea, new_data jsonb, until timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    update sessions set data = new_data, expires_at = until, last_used_at = now() where id_hash = of_hash;
end;

create function system_sessions_of(of_user uuid)
returns table (id uuid, id_hash bytea, device text, client_address text, created_at timestamptz,
               last_used_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select s.id, s.id_hash, s.device, s.client_address, s.created_at, s.last_used_at
    from sessions s join users u on u.id = s.user_id and u.credentials_version = s.credentials_version
    where s.user_id = of_user and s.expires_at > now() and s.absolute_expires_at > now()
    order by s.last_used_at desc, s.id;
end;

create function system_end_session_of(of_user uuid, wanted uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    delete from sessions where user_id = of_user and id = wanted;
    return found;
end $$;

create function system_end_other_sessions_of(of_user uuid, but_hash bytea) returns bigint
language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
    ended bigint;
begin
    delete from sessions where user_id = of_user and id_hash <> but_hash;
    get diagnostics ended = row_count;
    return ended;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Second factors.

create function system_second_factor_of(of_user uuid)
returns table (sealed bytea, created_at timestamptz, confirmed_at timestamptz, codes_left bigint)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select f.sealed, f.created_at, f.confirmed_at,
           (select count(*) from recovery_codes c where c.user_id = f.user_id and c.used_at is null)
    from second_factors f where f.user_id = of_user;
end;

-- Takes the place of one that was never confirmed, and of no other.
create function system_begin_second_factor(of_user uuid, new_sealed bytea, at timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    insert into second_factors (user_id, sealed, created_at) values (of_user, new_sealed, at)
    on conflict (user_id) do update set sealed = excluded.sealed, created_at = excluded.created_at
    where second_factors.confirmed_at is null;
    return found;
end $$;

create function system_confirm_second_factor(of_user uuid, of_sealed bytea, step bigint, at timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    update second_factors set confirmed_at = at, last_step = step
    where user_id = of_user and sealed = of_sealed and confirmed_at is null;
    return found;
end $$;

create function system_remove_second_factor(of_user uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    delete from second_factors where user_id = of_user;
    return found;
end $$;

-- Counts a try before the code is looked at, so that tries at once count as well. Null when it may be made; else when
-- the next one may: `until`, once `most` were made without a right one.
create function system_count_code_try(of_user uuid, at timestamptz, most integer, until timestamptz) returns timestamptz
language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
    refused timestamptz;
begin
    update second_factors set
        tries = case when refused_until is null then tries else 0 end + 1,
        refused_until = case
            when case when refused_until is null then tries else 0 end + 1 >= most then until
        end
    where user_id = of_user and (refused_until is null or refused_until <= at);
    if not found then
        select refused_until into refused from second_factors where user_id = of_user;
    end if;
    return refused;
end $$;

-- One winner: of two who present the code of one step, on whichever instances, the second finds it spent.
create function system_accept_step(of_user uuid, step bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    update second_factors set last_step = step, tries = 0, refused_until = null
    where user_id = of_user and confirmed_at is not null and last_step < step;
    return found;
end $$;

create function system_set_recovery_codes(of_user uuid, hashes bytea[]) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    delete from recovery_codes where user_id = of_user;
    insert into recovery_codes (user_id, hash) select of_user, unnest(hashes);
end;

create function system_take_recovery_code(of_user uuid, wanted bytea, at timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    update recovery_codes set used_at = at where user_id = of_user and hash = wanted and used_at is null;
    if not found then
        return false;
    end if;
    update second_factors set tries = 0, refused_until = null where user_id = of_user;
    return true;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Links to choose a new password.

create function system_add_password_reset(new_hash bytea, of_user uuid, until timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    insert into password_resets (hash, user_id, expires_at) values (new_hash, of_user, until);
end;

create function system_password_reset_user(wanted bytea, at timestamptz) returns table (user_id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select r.user_id from password_resets r where r.hash = wanted and r.expires_at > at;
end;

-- Used once: of two who do so at once, one wins.
create function system_take_password_reset(wanted bytea, at timestamptz) returns table (user_id uuid)
language sql security definer set search_path = pg_catalog, public
begin atomic
    delete from password_resets r where r.hash = wanted and r.expires_at > at returning r.user_id;
end;

-- As before, and links to choose a new password.
create or replace function system_forget_expired(at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    delete from idempotent_requests where created_at < at - interval '1 day';
    delete from sessions where least(expires_at, absolute_expires_at) < at - interval '1 day';
    delete from setup_links where expires_at < at;
    delete from invitations where expires_at < at - interval '90 days';
    delete from password_resets where expires_at < at;
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
