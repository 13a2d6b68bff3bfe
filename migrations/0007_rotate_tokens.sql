-- One token taking over from another, which works until it expires: its end is that of the overlap from then on.
--   superseded_by  the token that took over
alter table tokens
    add column superseded_by uuid,
    add constraint tokens_superseded_expire check (superseded_by is null or expires_at is not null),
    add constraint tokens_not_their_own_successor check (superseded_by <> id),
    add constraint tokens_successor_is_of_the_organization foreign key (org_id, superseded_by)
        references tokens (org_id, id);
create unique index tokens_take_over_from_one on tokens (org_id, superseded_by) where superseded_by is not null;
