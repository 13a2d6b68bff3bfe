-- The project that calls work in which name none, where the organization chose one; and a version of what it says of
-- itself, so that nobody overwrites what they did not see.
alter table organizations
    add column default_project_id uuid,
    add column row_version bigint not null default 1,
    add constraint organizations_default_project foreign key (org_id, default_project_id)
        references projects (org_id, id);
