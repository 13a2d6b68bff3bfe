grant create on schema public to latchkey_system;

-- Records events, given column by column, and with them when tokens and keys were last used. An event that is there
-- already stays as it is. Tokens and keys are locked in one order by all writers, and are left alone while they were
-- used a moment ago.
--
-- Columns rather than objects: to read names and numbers out of text takes Postgres longer than to store the rows. The
-- function of before, `system_add_usage_events`, stays for servers of the release before, which still run meanwhile.
create function system_record_usage(
    org_ids uuid[], occurrences timestamptz[], ids uuid[], project_ids uuid[], token_ids uuid[], providers text[],
    operations text[], models_asked text[], models_answered text[], key_ids uuid[], key_versions bigint[],
    key_sources text[], fallback_reasons text[], statuses smallint[], error_codes text[], are_streamed boolean[],
    inputs bigint[], outputs bigint[], cached_inputs bigint[], cache_writes bigint[], reasonings bigint[],
    usage_sources text[], costs bigint[], fees bigint[], prices_versions text[], latencies bigint[],
    first_bytes bigint[], request_lengths bigint[], response_lengths bigint[], sessions text[], label_sets jsonb[]
) returns bigint
language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
    added bigint;
begin
    perform create_usage_partition(month)
    from (select distinct date_trunc('month', at, 'UTC') as month from unnest(occurrences) at) months;

    insert into usage_events (
        org_id, occurred_at, id, project_id, token_id, provider, operation, model_asked, model_answered, key_id,
        key_version, key_source, fallback_reason, status, error_code, streamed, input_tokens, output_tokens,
        cached_input_tokens, cache_write_tokens, reasoning_tokens, usage_source, cost_micros, fee_micros,
        prices_version, latency_ms, first_byte_ms, request_bytes, response_bytes, session, labels, recorded_at
    )
    select event.*, clock_timestamp()
    from unnest(
        org_ids, occurrences, ids, project_ids, token_ids, providers, operations, models_asked, models_answered,
        key_ids, key_versions, key_sources, fallback_reasons, statuses, error_codes, are_streamed, inputs, outputs,
        cached_inputs, cache_writes, reasonings, usage_sources, costs, fees, prices_versions, latencies, first_bytes,
        request_lengths, response_lengths, sessions, label_sets
    ) event
    on conflict do nothing;
    get diagnostics added = row_count;

    with used as (
        select event.org_id, event.id, max(event.at) as at
        from unnest(org_ids, token_ids, occurrences) event (org_id, id, at) group by 1, 2
    ), stale as (
        select token.org_id, token.id, used.at
        from tokens token join used on used.org_id = token.org_id and used.id = token.id
        where token.last_used_at is null or token.last_used_at < used.at - interval '10 seconds'
        order by token.org_id, token.id for no key update of token
    )
    update tokens token set last_used_at = stale.at
    from stale where token.org_id = stale.org_id and token.id = stale.id;

    with used as (
        select event.org_id, event.id, max(event.at) as at
        from unnest(org_ids, key_ids, occurrences, key_sources) event (org_id, id, at, source)
        where event.source = 'byok' group by 1, 2
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

do $$
declare
    door regprocedure := 'system_record_usage'::regproc::oid;
begin
    execute format('alter function %s owner to latchkey_system', door);
    execute format('revoke all on function %s from public', door);
    execute format('grant execute on function %s to latchkey_app', door);
end $$;
revoke create on schema public from latchkey_system;
