grant create on schema public to latchkey_system;

-- How a webhook's last message went is looked up with every message.
create index webhook_deliveries_by_attempt on webhook_deliveries (org_id, webhook_id, last_attempt_at desc)
    where last_attempt_at is not null;

-- A secret that signs nothing any more is not kept.
create policy second_door on webhooks to latchkey_system using (true) with check (true);
grant select (old_secret_until), update (sealed_old_secret, old_secret_until) on webhooks to latchkey_system;

create function system_forget_webhook_secrets(ended_before timestamptz) returns void
language sql security definer set search_path = pg_catalog, public
begin atomic
    update webhooks set sealed_old_secret = null, old_secret_until = null where old_secret_until <= ended_before;
end;

alter function system_forget_webhook_secrets(timestamptz) owner to latchkey_system;
revoke all on function system_forget_webhook_secrets(timestamptz) from public;
grant execute on function system_forget_webhook_secrets(timestamptz) to latchkey_app;
revoke create on schema public from latchkey_system;
