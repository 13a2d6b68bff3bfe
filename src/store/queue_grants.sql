-- What the server's role needs to add jobs and to work them off. The queue's tables have row-level security without
-- a policy: closed to everybody but their owner. They know no organization, so the server's role gets all rows.
grant usage on schema graphile_worker to latchkey_app;
grant select, insert, update, delete on all tables in schema graphile_worker to latchkey_app;
revoke insert, update, delete on graphile_worker.migrations from latchkey_app;
grant execute on all functions in schema graphile_worker to latchkey_app;
do $$
declare
    closed regclass;
begin
    for closed in
        select c.oid::regclass from pg_class c
        where c.relnamespace = 'graphile_worker'::regnamespace and c.relrowsecurity
          and not exists (select from pg_policy p where p.polrelid = c.oid)
    loop
        execute format('create policy server on %s to latchkey_app using (true) with check (true)', closed);
    end loop;
end $$;
